import { stripVTControlCharacters } from "node:util"
import { renderToString } from "ink"
import { describe, expect, it } from "vitest"
import { RunFooter } from "../src/components/RunFooter.tsx"
import { displayWidth, footerLines, makeStyle, plainStyle } from "../src/text.ts"
import { credits, runEvents, snapshotOf, startedAt, withEnd } from "./fixtures.ts"

const running = snapshotOf(runEvents({ held: credits(0.012) }))
const started = snapshotOf(runEvents({ trials: 0 }))
const real = snapshotOf(runEvents({ run: { simulated: false, provider: "segmind" } }))
const ended = snapshotOf(withEnd(runEvents({ trials: 2000 })))
const stopping = snapshotOf([
  ...runEvents(),
  { _tag: "RunStopping", seq: 1264, at: startedAt + 151_500, reason: "the budget is used up", inFlight: 12 }
])
const now = startedAt + 151_500
const ascii = makeStyle({ color: false, ascii: true })
const coloured = makeStyle({ color: true, ascii: false })

const frame = (columns: number, snapshot = running, style = plainStyle, rows = 24) =>
  renderToString(<RunFooter snapshot={snapshot} columns={columns} rows={rows} style={style} now={now} />, { columns })

describe("RunFooter", () => {
  it.each([50, 60, 80, 120])("fits in %i columns", (columns) => {
    expect(`\n${frame(columns)}\n`).toMatchSnapshot()
  })

  it.each([60, 80, 120])("fits in %i columns of ASCII", (columns) => {
    expect(`\n${frame(columns, running, ascii)}\n`).toMatchSnapshot()
    expect(frame(columns, running, ascii)).toMatch(/^[ -~\n]*$/)
  })

  it("shows a run before its first trial, one that stops and one that has ended", () => {
    expect(`\n${[started, stopping, ended].map((one) => frame(80, one)).join("\n\n")}\n`).toMatchSnapshot()
  })

  it("is the same text in colour", () => {
    expect(stripVTControlCharacters(frame(80, running, coloured))).toBe(frame(80))
    expect(frame(80, running, coloured)).toContain("\u001b[31m✖ 144 failed\u001b[39m")
  })

  it("has three lines from 60 columns on and one below, none too wide, with the rate's n and the money in each", () => {
    for (let columns = 30; columns <= 130; columns += 1) {
      for (const style of [plainStyle, ascii]) {
        const lines = footerLines(running, { columns, rows: 24, style, now })
        expect(lines).toHaveLength(columns < 60 ? 1 : 3)
        expect(Math.max(...lines.map(displayWidth))).toBeLessThan(columns)
        if (columns < 45) continue
        expect(lines.join("\n")).toContain("n 1256")
        expect(lines.join("\n")).toContain("3.014")
      }
    }
  })

  it("has one line on a terminal of few rows", () => {
    expect(frame(80, running, plainStyle, 14).split("\n")).toHaveLength(1)
  })

  it("says SIMULATED in every frame of a simulated run, and in none of a real one", () => {
    for (let columns = 30; columns <= 130; columns += 1) {
      expect(frame(columns)).toContain("SIMULATED")
      expect(frame(columns, real)).not.toContain("SIMULATED")
    }
  })

  it("says when the budget will end before the trials do", () => {
    const poor = snapshotOf(runEvents({ run: { budget: credits(3.5) } }))
    expect(frame(80, poor)).toContain("! budget ends first")
    expect(frame(80, poor)).not.toContain("at end")
  })

  it("keeps the bar at its length and full only at the end", () => {
    const bars = [1, 10, 400, 1262, 1999, 2000].map(
      (trials) => (/[█░]+/.exec(frame(80, snapshotOf(runEvents({ trials })))) ?? [""])[0]
    )
    expect(new Set(bars.map((bar) => bar.length)).size).toBe(1)
    expect(bars.map((bar) => bar.includes("░"))).toEqual([true, true, true, true, true, false])
    expect(bars.map((bar) => bar.includes("█"))).toEqual([true, true, true, true, true, true])
  })
})
