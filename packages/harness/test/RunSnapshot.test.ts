import type { LedgerTotals } from "@assay/core"
import { describe, expect, it } from "vitest"
import {
  failuresKept,
  foldRunEvent,
  makePlan,
  type RunEvent,
  type RunSnapshot,
  type TrialEnded,
  type VariantTotals
} from "../src/index.ts"
import { runRecordOf, tinySuite } from "../src/testing.ts"

const plan = makePlan([tinySuite({ prompts: { plain: "{{question}}", polite: "Please: {{question}}" } })], { seed: 1 })
const run = runRecordOf(plan)
const ledger: LedgerTotals = { limit: 100n, settled: 7n, reserved: 2n, held: 1n }
const row = (variant: string, fields: Partial<VariantTotals> = {}): VariantTotals => ({
  suite: "tiny",
  variant,
  planned: 3,
  passed: 0,
  failed: 0,
  unscored: 0,
  cost: 0n,
  medianLatencyMillis: undefined,
  ...fields
})
const started = (done = [row("plain"), row("polite")]): RunEvent => ({
  _tag: "RunStarted",
  seq: 1,
  at: 1000,
  run,
  done,
  concurrency: 4
})
const ended = (seq: number, fields: Partial<TrialEnded> = {}): TrialEnded => ({
  _tag: "TrialEnded",
  seq,
  at: 1000 + seq,
  suite: "tiny",
  variant: "plain",
  sampleId: `sample-${seq}`,
  trialIndex: 0,
  outcome: "passed",
  reason: undefined,
  attempts: 1,
  cost: 5n,
  latencyMillis: 10,
  ledger,
  ...fields
})
const fold = (events: ReadonlyArray<RunEvent>): RunSnapshot => {
  const snapshot = events.reduce<RunSnapshot | undefined>(foldRunEvent, undefined)
  if (snapshot === undefined) throw new Error("nothing has started")
  return snapshot
}

describe("foldRunEvent", () => {
  it("knows nothing before the run has started", () => {
    expect(foldRunEvent(undefined, ended(1))).toBeUndefined()
  })

  it("begins with what an earlier part of the run has done and spent", () => {
    const done = [row("plain", { passed: 2, failed: 1, cost: 30n }), row("polite", { passed: 1, cost: 12n })]
    expect(fold([started(done)])).toMatchObject({
      variants: done,
      done: 4,
      doneHere: 0,
      startedAt: 1000,
      ledger: { limit: run.budget, settled: 42n, reserved: 0n, held: 0n }
    })
  })

  it("counts each trial in its own variant, with its cost and its retries", () => {
    const snapshot = fold([
      started([row("plain", { passed: 1 }), row("polite")]),
      ended(2),
      ended(3, { outcome: "failed", attempts: 3 }),
      ended(4, { variant: "polite", outcome: "unscored", attempts: 0, cost: 0n })
    ])
    expect(snapshot.variants).toEqual([
      row("plain", { passed: 2, failed: 1, cost: 10n }),
      row("polite", { unscored: 1 })
    ])
    expect(snapshot).toMatchObject({ done: 4, doneHere: 3, retries: 2, ledger, updatedAt: 1004 })
  })

  it("keeps the newest trials that did not pass, newest first, and no more than it says", () => {
    const failed = Array.from({ length: failuresKept + 5 }, (_, index) => ended(index + 2, { outcome: "failed" }))
    const { failures } = fold([started(), ...failed, ended(999)])
    expect(failures.map(({ seq }) => seq)).toEqual(
      Array.from({ length: failuresKept }, (_, index) => failuresKept + 6 - index)
    )
  })

  it("does not change what it was given", () => {
    const before = fold([started()])
    const copy = structuredClone(before)
    foldRunEvent(before, ended(2, { outcome: "failed" }))
    expect(before).toEqual(copy)
  })

  it("shows notices, a stop, and in the end what the store has counted", () => {
    const totals = [row("plain", { passed: 3, cost: 9n }), row("polite", { failed: 1, unscored: 1 })]
    const snapshot = fold([
      started(),
      { _tag: "RunNoticed", seq: 2, at: 1, notice: "slow" },
      { _tag: "RunStopping", seq: 3, at: 2, reason: "a signal", inFlight: 2 },
      { _tag: "RunEnded", seq: 4, at: 3, status: "interrupted", reason: "a signal", totals, ledger, elapsedMillis: 2 }
    ])
    expect(snapshot).toMatchObject({
      notice: "slow",
      stopping: "a signal",
      ended: { status: "interrupted", reason: "a signal" },
      variants: totals,
      done: 5,
      ledger,
      updatedAt: 3
    })
  })
})
