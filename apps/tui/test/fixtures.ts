import { picoCreditsPerCredit } from "@assay/core"
import {
  foldRunEvent,
  type RunEvent,
  type RunRecord,
  type RunSnapshot,
  type RunStatus,
  type TrialEnded,
  type VariantTotals
} from "@assay/harness"

/** Half past noon on a day in November, UTC milliseconds. */
export const startedAt = Date.UTC(2026, 10, 24, 12, 30, 0)

/** Credits as the tests write them, exact to the millionth. */
export const credits = (amount: number): bigint =>
  (BigInt(Math.round(amount * 1e6)) * picoCreditsPerCredit) / 1_000_000n

export interface FixtureVariant {
  readonly suite: string
  readonly variant: string
  readonly samples: number
  /** Of a hundred trials, how many pass; the others fail, but for `unscored` of them. */
  readonly passing: number
  readonly unscored?: number
}

export const refunds: ReadonlyArray<FixtureVariant> = [
  { suite: "support-refunds", variant: "refund-v6", samples: 600, passing: 86 },
  { suite: "support-refunds", variant: "refund-v7", samples: 600, passing: 90 },
  { suite: "json-extract", variant: "extract-v2 · effort low", samples: 400, passing: 95, unscored: 2 },
  { suite: "cjk-translate 日本語", variant: "丁寧な翻訳-v3 🎉", samples: 400, passing: 81 }
]

export interface FixtureOptions {
  readonly variants?: ReadonlyArray<FixtureVariant>
  readonly run?: Partial<RunRecord>
  /** Trials to end. */
  readonly trials?: number
  /** Trials of an earlier part, on each variant. */
  readonly doneBefore?: number
  readonly held?: bigint
}

/** The events of a run up to some trial: outcomes and costs follow from the trial's number alone. */
export const runEvents = (options: FixtureOptions = {}): ReadonlyArray<RunEvent> => {
  const { variants = refunds, doneBefore = 0, held = 0n } = options
  const run = runRecord(variants, options.run)
  const totals = variants.map((variant) => emptyTotals(variant, doneBefore))
  const settledBefore = totals.reduce((sum, row) => sum + row.cost, 0n)
  const rounds = Math.max(...variants.map((variant) => variant.samples))
  const keys = Array.from({ length: rounds }, (_, round) => round)
    .slice(doneBefore)
    .flatMap((round) => variants.filter((variant) => round < variant.samples).map((variant) => ({ variant, round })))
  let settled = settledBefore
  const trials = keys.slice(0, options.trials ?? 1262).map(({ variant, round }, index): TrialEnded => {
    const outcome = outcomeOf(variant, round)
    const cost = outcome === "unscored" ? 0n : credits(0.0021 + (round % 7) * 0.0001)
    settled += cost
    return {
      _tag: "TrialEnded",
      seq: index + 2,
      at: startedAt + (index + 1) * 120,
      suite: variant.suite,
      variant: variant.variant,
      sampleId: String(round).padStart(4, "0"),
      trialIndex: 0,
      outcome,
      reason: reasonOf(outcome, round),
      attempts: outcome === "unscored" ? 4 : round % 41 === 0 ? 2 : 1,
      cost,
      latencyMillis: outcome === "unscored" ? undefined : 900 + (round % 13) * 110,
      ledger: { limit: run.budget, settled, reserved: 0n, held }
    }
  })
  return [{ _tag: "RunStarted", seq: 1, at: startedAt, run, done: totals, concurrency: 16 }, ...trials]
}

/** The end of the run that these events began. Latencies are what a store would have reckoned. */
export const withEnd = (
  events: ReadonlyArray<RunEvent>,
  status: RunStatus = "completed",
  reason: string | undefined = undefined
): ReadonlyArray<RunEvent> => {
  const snapshot = snapshotOf(events)
  return [
    ...events,
    {
      _tag: "RunEnded",
      seq: events.length + 1,
      at: snapshot.updatedAt + 400,
      status,
      reason,
      totals: snapshot.variants.map((row, index) => ({
        ...row,
        medianLatencyMillis: row.passed + row.failed === 0 ? undefined : 1210 + index * 240
      })),
      ledger: snapshot.ledger,
      elapsedMillis: snapshot.updatedAt + 400 - snapshot.startedAt
    }
  ]
}

/** The fold of these events. */
export const snapshotOf = (events: ReadonlyArray<RunEvent>): RunSnapshot => {
  const snapshot = events.reduce<RunSnapshot | undefined>(foldRunEvent, undefined)
  if (snapshot === undefined) throw new Error("The events hold no RunStarted.")
  return snapshot
}

export const runRecord = (variants: ReadonlyArray<FixtureVariant>, changes: Partial<RunRecord> = {}): RunRecord => ({
  id: "8f3k2m1q",
  createdAt: startedAt,
  finishedAt: undefined,
  status: "running",
  seed: 7,
  provider: "simulator",
  baseUrl: "http://127.0.0.1:41234/v1",
  simulated: true,
  budget: credits(5),
  limit: undefined,
  gitCommit: "3f2c1a9",
  suites: [...new Set(variants.map((variant) => variant.suite))].map((name) => ({
    name,
    file: undefined,
    samplesHash: "a1",
    scorersHash: "b2",
    samples: Math.max(...variants.filter(({ suite }) => suite === name).map(({ samples }) => samples)),
    trialsPerSample: 1
  })),
  variants: variants.map(({ suite, variant }) => ({
    suite,
    name: variant,
    prompt: variant,
    promptHash: "c3",
    model: "o3-mini",
    reasoningEffort: "medium",
    maxCompletionTokens: 2000
  })),
  trials: variants.reduce((sum, { samples }) => sum + samples, 0),
  ...changes
})

const emptyTotals = (variant: FixtureVariant, doneBefore: number): VariantTotals => {
  const outcomes = Array.from({ length: Math.min(doneBefore, variant.samples) }, (_, round) =>
    outcomeOf(variant, round)
  )
  const count = (outcome: string) => outcomes.filter((one) => one === outcome).length
  return {
    suite: variant.suite,
    variant: variant.variant,
    planned: variant.samples,
    passed: count("passed"),
    failed: count("failed"),
    unscored: count("unscored"),
    cost: credits(0.0023) * BigInt(count("passed") + count("failed")),
    medianLatencyMillis: undefined
  }
}

const outcomeOf = ({ passing, unscored = 0 }: FixtureVariant, round: number) => {
  // 37 and 100 have no common factor, so any hundred rounds in a row hold each remainder once.
  const place = (round * 37) % 100
  return place < passing ? "passed" : place < 100 - unscored ? "failed" : "unscored"
}

const reasonOf = (outcome: TrialEnded["outcome"], round: number): string | undefined => {
  if (outcome === "passed") return undefined
  if (outcome === "unscored") return "HTTP 429 after 4 tries"
  return ['does not contain "30 days"', "judge: curt, no apology", "chrF 0.41 below 0.55"][round % 3]
}
