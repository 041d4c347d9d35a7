import type { RunEvent } from "@assay/harness"
import { describe, expect, it } from "vitest"
import { emptyPlainReport, plainReport, unicodeGlyphs } from "../src/text.ts"
import { runEvents, startedAt, withEnd } from "./fixtures.ts"

const report = (events: ReadonlyArray<RunEvent>): ReadonlyArray<string> => {
  let state = emptyPlainReport
  const written: Array<string> = []
  for (const event of events) {
    const { report: next, lines } = plainReport(state, event, { glyphs: unicodeGlyphs, database: ".assay/results.db" })
    state = next
    written.push(...lines)
  }
  return written
}

/** The same events, their times `factor` as far apart. */
const paced = (events: ReadonlyArray<RunEvent>, factor: number): ReadonlyArray<RunEvent> =>
  events.map((event) => ({ ...event, at: startedAt + (event.at - startedAt) * factor }))

const isProgress = (line: string) => /^\S+ \d+\/2000 \d+%/.test(line)

describe("plainReport", () => {
  it("reads like this", () => {
    expect(
      `\n${report(withEnd(runEvents({ trials: 120 }), "out-of-budget", "the budget is used up")).join("\n")}\n`
    ).toMatchSnapshot()
  })

  it("writes a progress line every 5 % when trials are fast", () => {
    const lines = report(paced(runEvents({ trials: 2000 }), 0.001)).filter(isProgress)
    expect(lines.map((line) => /(\d+)%/.exec(line)?.[1])).toEqual(
      Array.from({ length: 20 }, (_, index) => `${5 * index + 5}`)
    )
  })

  it("writes one every 10 seconds when they are slow", () => {
    // A trial each 1.2 seconds, so that the ninth is the first after 10 seconds.
    const lines = report(paced(runEvents({ trials: 90 }), 10)).filter(isProgress)
    expect(lines.map((line) => /(\d+)\/2000/.exec(line)?.[1])).toEqual(
      Array.from({ length: 10 }, (_, index) => `${9 * index + 9}`)
    )
  })

  it("names each trial that did not pass once", () => {
    const events = withEnd(runEvents({ trials: 2000 }))
    const failing = events.filter((event) => event._tag === "TrialEnded" && event.outcome !== "passed")
    const named = report(events).filter((line) => / (FAIL|UNSCORED) /.test(line))
    expect(named).toHaveLength(failing.length)
    expect(new Set(named.map((line) => line.slice(9))).size).toBe(failing.length)
  })

  it("writes notices and the stop", () => {
    const lines = report([
      ...runEvents({ trials: 1 }),
      { _tag: "RunNoticed", seq: 3, at: startedAt + 500, notice: "The key has\n2.1 credits left." },
      { _tag: "RunStopping", seq: 4, at: startedAt + 900, reason: "Ctrl-C", inFlight: 12 }
    ])
    expect(lines.slice(1)).toEqual([
      "12:30:00 note  The key has 2.1 credits left.",
      "12:30:00 stopping  Ctrl-C  12 calls in flight"
    ])
  })

  it("holds no escape, no carriage return and no second line, whatever a reason holds", () => {
    const reason = `judge: \u001b[31mcurt\u001b]0;x\u0007\r\nand\u009b2J more ${"long ".repeat(500)}`
    const events = runEvents({ trials: 40 }).map((event) =>
      event._tag === "TrialEnded" && event.outcome === "failed" ? { ...event, reason } : event
    )
    const lines = report(events)
    expect(lines.join("")).toContain("judge: curt and more long")
    expect(lines.filter((line) => /[\p{Cc}]/u.test(line) || line.length > 400)).toEqual([])
  })

  it("says SIMULATED in the first line, in each progress line and in the last", () => {
    const lines = report(withEnd(runEvents({ trials: 2000 }))).filter((line) => !/ (FAIL|UNSCORED) /.test(line))
    expect(lines.length).toBeGreaterThan(20)
    for (const line of lines) expect(line).toMatch(/ SIMULATED$/)
  })

  it("tells a resumed run from a new one", () => {
    expect(report(runEvents({ doneBefore: 10, trials: 0 }))[0]).toContain("run 8f3k2m1q resumed at 40  2000 trials")
  })
})
