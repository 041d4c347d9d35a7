import type { LedgerTotals } from "@assay/core"
import type { RunEvent, TrialEnded } from "./RunEvent.ts"
import type { RunRecord, RunStatus, VariantTotals } from "./RunRecord.ts"

/** A run at one moment, as a screen shows it: the fold of its events. */
export interface RunSnapshot {
  readonly run: RunRecord
  readonly concurrency: number
  readonly startedAt: number
  /** The time of the newest event. */
  readonly updatedAt: number
  /** One row a variant, in the order of the plan. */
  readonly variants: ReadonlyArray<VariantTotals>
  /** Trials with an outcome, those of earlier parts of a resumed run included. */
  readonly done: number
  /** Trials that this process has finished: what a rate is reckoned from. */
  readonly doneHere: number
  readonly ledger: LedgerTotals
  /** The newest trials that did not pass, newest first, at most `failuresKept`. */
  readonly failures: ReadonlyArray<TrialEnded>
  /** Retries over all trials. */
  readonly retries: number
  readonly notice: string | undefined
  readonly stopping: string | undefined
  readonly ended: { readonly status: RunStatus; readonly reason: string | undefined } | undefined
}

/** More failures than any screen has lines for. */
export const failuresKept = 50

/** The snapshot after one more event; `undefined` before `RunStarted`. */
export const foldRunEvent = (snapshot: RunSnapshot | undefined, event: RunEvent): RunSnapshot | undefined => {
  if (event._tag === "RunStarted") {
    return {
      run: event.run,
      concurrency: event.concurrency,
      startedAt: event.at,
      updatedAt: event.at,
      variants: event.done,
      done: countDone(event.done),
      doneHere: 0,
      ledger: {
        limit: event.run.budget,
        settled: event.done.reduce((sum, row) => sum + row.cost, 0n),
        reserved: 0n,
        held: 0n
      },
      failures: [],
      retries: 0,
      notice: undefined,
      stopping: undefined,
      ended: undefined
    }
  }
  if (snapshot === undefined) return undefined
  const current = { ...snapshot, updatedAt: event.at }
  switch (event._tag) {
    case "TrialEnded":
      return {
        ...current,
        variants: current.variants.map((row) =>
          row.suite === event.suite && row.variant === event.variant ? addTrial(row, event) : row
        ),
        done: current.done + 1,
        doneHere: current.doneHere + 1,
        ledger: event.ledger,
        failures: event.outcome === "passed" ? current.failures : [event, ...current.failures].slice(0, failuresKept),
        retries: current.retries + Math.max(0, event.attempts - 1)
      }
    case "RunNoticed":
      return { ...current, notice: event.notice }
    case "RunStopping":
      return { ...current, stopping: event.reason }
    case "RunEnded":
      return {
        ...current,
        variants: event.totals,
        done: countDone(event.totals),
        ledger: event.ledger,
        ended: { status: event.status, reason: event.reason }
      }
  }
}

const countDone = (rows: ReadonlyArray<VariantTotals>): number =>
  rows.reduce((sum, row) => sum + row.passed + row.failed + row.unscored, 0)

const addTrial = (row: VariantTotals, trial: TrialEnded): VariantTotals => ({
  ...row,
  [trial.outcome]: row[trial.outcome] + 1,
  cost: row.cost + trial.cost
})
