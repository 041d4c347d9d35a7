import { stripVTControlCharacters } from "node:util"
import { describe, expect, it } from "vitest"
import { displayWidth, makeStyle, plainStyle, resultTable, simulatedSentence } from "../src/text.ts"
import { credits, runEvents, snapshotOf, withEnd } from "./fixtures.ts"

const interrupted = snapshotOf(
  withEnd(runEvents({ held: credits(0.012) }), "interrupted", "stopped by a signal, 738 trials were not run")
)
const completed = snapshotOf(withEnd(runEvents({ trials: 2000, run: { simulated: false, provider: "segmind" } })))
const resumed = snapshotOf(
  withEnd(runEvents({ doneBefore: 150, trials: 900 }), "out-of-budget", "the budget is used up")
)
const unscoredOnly = snapshotOf(
  withEnd(
    runEvents({ variants: [{ suite: "math", variant: "v1", samples: 3, passing: 0, unscored: 100 }], trials: 3 }),
    "incomplete"
  )
)
const ascii = makeStyle({ color: false, ascii: true })
const coloured = makeStyle({ color: true, ascii: false })

const table = (columns: number, snapshot = interrupted, style = plainStyle) => resultTable(snapshot, { columns, style })

describe("resultTable", () => {
  it.each([60, 80, 120])(
    "shows a stopped run with held credits, wide letters and unscored trials in %i columns",
    (columns) => {
      expect(`\n${table(columns).join("\n")}\n`).toMatchSnapshot()
    }
  )

  it.each([60, 80, 120])("shows a completed run of a real model in %i columns", (columns) => {
    expect(`\n${table(columns, completed).join("\n")}\n`).toMatchSnapshot()
  })

  it("shows a resumed run, and what an earlier part of it did", () => {
    expect(`\n${table(80, resumed).join("\n")}\n`).toMatchSnapshot()
  })

  it("shows a dash where nothing is scored, and how many have no score", () => {
    const row = table(80, unscoredOnly).find((line) => line.startsWith("  v1"))
    expect(row?.trim().split(/ +/)).toEqual(["v1", "—", "0", "0", "0", "3", "0.000", "—"])
  })

  it("keeps n beside every rate, at every width", () => {
    for (let columns = 60; columns <= 130; columns += 1) {
      const rates = table(columns).filter((line) => line.includes("%  ["))
      expect(rates).toHaveLength(4)
      for (const line of rates) expect(line).toMatch(/\d+\.\d% {2}\[\d+\.\d–\d+\.\d\] +3\d\d /)
    }
  })

  it("keeps every variant's whole name, at every width", () => {
    for (let columns = 60; columns <= 130; columns += 1) {
      expect(table(columns).join("\n")).toContain("extract-v2 · effort low")
    }
  })

  it("has no line wider than the terminal", () => {
    for (const snapshot of [interrupted, completed, resumed, unscoredOnly]) {
      for (const style of [plainStyle, ascii, coloured]) {
        for (let columns = 60; columns <= 130; columns += 1) {
          const widest = Math.max(
            ...table(columns, snapshot, style).map((line) => displayWidth(stripVTControlCharacters(line)))
          )
          expect(widest).toBeLessThanOrEqual(columns)
        }
      }
    }
  })

  it("says the same without colour as with it", () => {
    expect(table(80, interrupted, coloured).map(stripVTControlCharacters)).toEqual(table(80))
    expect(table(80, interrupted, coloured).join("")).toContain("\u001b[")
  })

  it("holds only ASCII of its own when asked to", () => {
    const ofUser = /日本語|丁寧な翻訳|·/g
    expect(table(80, interrupted, ascii).join("\n").replace(ofUser, "")).toMatch(/^[ -~\n]*$/)
  })

  it("says that a simulated run's differences are programmed in, and says it of no other", () => {
    expect(table(120)).toContain(simulatedSentence)
    expect(table(60).slice(-2).join(" ")).toBe(simulatedSentence)
    expect(table(120, completed).join("\n")).not.toContain("simulat")
  })

  it("neither obeys nor shows the escapes in a name", () => {
    const hostile = runEvents({
      variants: [{ suite: "a\u001b[2Jb", variant: "v\u001b]52;c;eA==\u0007\r1", samples: 2, passing: 50 }]
    })
    const text = table(80, snapshotOf(withEnd(hostile))).join("\n")
    expect(text).toContain("\nab\n  v 1 ")
    expect(text).not.toMatch(/(?!\n)\p{Cc}/u)
  })
})
