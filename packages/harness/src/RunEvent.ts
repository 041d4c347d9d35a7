import type { LedgerTotals } from "@assay/core"
import type { RunRecord, RunStatus, TrialKey, TrialOutcome, VariantTotals } from "./RunRecord.ts"

/** What every event has: `seq` counts from 1 in this process without gaps, `at` is UTC milliseconds. */
interface Stamp {
  readonly seq: number
  readonly at: number
}

/** The run's plan stands and its first call may leave. `done` trials are from an earlier part of a resumed run. */
export interface RunStarted extends Stamp {
  readonly _tag: "RunStarted"
  readonly run: RunRecord
  readonly done: ReadonlyArray<VariantTotals>
  readonly concurrency: number
}

/** A trial has an outcome, and it is on disk. */
export interface TrialEnded extends Stamp, TrialKey {
  readonly _tag: "TrialEnded"
  readonly outcome: TrialOutcome
  /** Why it failed or has no score. */
  readonly reason: string | undefined
  /** HTTP tries. */
  readonly attempts: number
  /** Pico-credits. */
  readonly cost: bigint
  readonly latencyMillis: number | undefined
  /** The budget after this trial. */
  readonly ledger: LedgerTotals
}

/** Something a person should know while the run goes on. */
export interface RunNoticed extends Stamp {
  readonly _tag: "RunNoticed"
  readonly notice: string
}

/** No further call will leave; those in flight are awaited. */
export interface RunStopping extends Stamp {
  readonly _tag: "RunStopping"
  readonly reason: string
  readonly inFlight: number
}

/** Everything is on disk. */
export interface RunEnded extends Stamp {
  readonly _tag: "RunEnded"
  readonly status: RunStatus
  /** Why it did not complete. */
  readonly reason: string | undefined
  readonly totals: ReadonlyArray<VariantTotals>
  readonly ledger: LedgerTotals
  /** Milliseconds this process worked on the run. */
  readonly elapsedMillis: number
}

/** The one thing that screens, plain lines, NDJSON and reporters know of a run. */
export type RunEvent = RunStarted | TrialEnded | RunNoticed | RunStopping | RunEnded
