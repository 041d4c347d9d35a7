import { formatCredits } from "@assay/core"
import type { RunEvent, TrialEnded } from "@assay/harness"
import { describe, expect, it } from "vitest"
import { ndjsonLine } from "../src/text.ts"
import { runEvents, startedAt, withEnd } from "./fixtures.ts"

const parse = (event: RunEvent): Record<string, unknown> => JSON.parse(ndjsonLine(event)) as Record<string, unknown>

const trial: TrialEnded = {
  _tag: "TrialEnded",
  seq: 913,
  at: startedAt + 7,
  suite: "support-refunds",
  variant: "refund-v7",
  sampleId: "0417",
  trialIndex: 2,
  outcome: "failed",
  reason: 'no "30 days"',
  attempts: 1,
  cost: 4_100_000_000_001n,
  latencyMillis: 1902,
  ledger: { limit: 5_000_000_000_000n, settled: 4_100_000_000_001n, reserved: 1n, held: 0n }
}

describe("ndjsonLine", () => {
  it("writes a trial with our words, exact credits and the time in UTC", () => {
    expect(parse(trial)).toEqual({
      v: 1,
      t: "trial.end",
      seq: 913,
      at: "2026-11-24T12:30:00.007Z",
      suite: "support-refunds",
      variant: "refund-v7",
      sample: "0417",
      trial_index: 2,
      outcome: "failed",
      reason: 'no "30 days"',
      attempts: 1,
      credits: "4.100000000001",
      latency_ms: 1902,
      ledger: { limit: "5", settled: "4.100000000001", reserved: "0.000000000001", held: "0" }
    })
  })

  it("writes each event of a run as one line of JSON with its name and its number", () => {
    const events = withEnd(runEvents({ trials: 50 }))
    expect(events.map(ndjsonLine).filter((line) => line.includes("\n"))).toEqual([])
    expect(events.map((event) => parse(event)["seq"])).toEqual(events.map((_, index) => index + 1))
    expect(parse(events[0] ?? trial)).toMatchObject({
      t: "run.start",
      run: "8f3k2m1q",
      simulated: true,
      budget: "5",
      limit: null
    })
    expect(parse({ _tag: "RunNoticed", seq: 2, at: startedAt, notice: "low" })).toMatchObject({
      t: "run.notice",
      notice: "low"
    })
    expect(parse({ _tag: "RunStopping", seq: 3, at: startedAt, reason: "budget", inFlight: 4 })).toMatchObject({
      t: "run.stopping",
      reason: "budget",
      in_flight: 4
    })
  })

  it("sums to the ledger to the last pico-credit", () => {
    const events = withEnd(runEvents({ trials: 777 }))
    const spent = events.reduce((sum, event) => sum + (event._tag === "TrialEnded" ? event.cost : 0n), 0n)
    const end = parse(events.at(-1) ?? trial)
    expect(end).toMatchObject({
      t: "run.end",
      status: "completed",
      reason: null,
      ledger: { settled: formatCredits(spent) }
    })
  })

  it("gives totals with n and the interval, and null for a rate over nothing", () => {
    const totals = (trials: number) => parse(withEnd(runEvents({ trials })).at(-1) ?? trial)["totals"]
    expect(totals(0)).toMatchObject([{ n: 0, pass_rate: null, interval_95: null, planned: 600 }, {}, {}, {}])
    expect(totals(4)).toMatchObject([{ n: 1, pass_rate: 1, interval_95: [expect.closeTo(0.2065, 4), 1] }, {}, {}, {}])
  })

  it("writes controls and bidirectional marks as escapes, and gives them back", () => {
    const reason = "\u001b[31m\u009b2J\u202e\u2028\r\n日本語 🎉"
    const line = ndjsonLine({ ...trial, reason })
    expect(line).not.toMatch(/[\p{Cc}\u202e\u2028]/u)
    expect(parse({ ...trial, reason })["reason"]).toBe(reason)
  })

  it("shows no key that a base URL may hold", () => {
    const [start] = runEvents({
      run: { baseUrl: "https://user:sk-secret@api.example.com/v1?key=sk-secret#sk-secret" },
      trials: 0
    })
    const line = ndjsonLine(start ?? trial)
    expect(line).toContain('"base_url":"https://api.example.com/v1"')
    expect(line).not.toContain("sk-secret")
  })
})
