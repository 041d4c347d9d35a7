import type { RunSnapshot } from "@assay/harness"

/** Where a run is heading, reckoned from what it did so far. */
export interface RunForecast {
  /** Milliseconds this process has worked on the run. */
  readonly elapsedMillis: number
  /** Milliseconds to the last trial at the pace so far; undefined until a trial has ended here. */
  readonly remainingMillis: number | undefined
  /** Pico-credits a minute at the pace so far. */
  readonly spendPerMinute: bigint | undefined
  /** Pico-credits spent when every planned trial has run. May lie above the budget: then the budget ends the run. */
  readonly spentAtEnd: bigint | undefined
}

/**
 * Extrapolates with plain means: the pace of this process's own trials, the cost of all trials of the run, as a resumed
 * run knows the cost of its earlier part too. `now` is UTC milliseconds.
 */
export const runForecast = (snapshot: RunSnapshot, now: number): RunForecast => {
  const { done, doneHere, ledger, run, startedAt } = snapshot
  const elapsedMillis = Math.max(0, now - startedAt)
  const left = Math.max(0, run.trials - done)
  const paced = doneHere > 0 && elapsedMillis > 0
  return {
    elapsedMillis,
    remainingMillis: paced ? (left * elapsedMillis) / doneHere : undefined,
    spendPerMinute: paced
      ? (ledger.settled * BigInt(doneHere) * 60_000n) / (BigInt(done) * BigInt(Math.ceil(elapsedMillis)))
      : undefined,
    spentAtEnd: done > 0 ? ledger.settled + (ledger.settled * BigInt(left)) / BigInt(done) : undefined
  }
}

/** Outcomes over all variants of a run. */
export const sumOutcomes = (snapshot: RunSnapshot) => ({
  passed: sumOf(snapshot, "passed"),
  failed: sumOf(snapshot, "failed"),
  unscored: sumOf(snapshot, "unscored")
})

const sumOf = ({ variants }: RunSnapshot, outcome: "passed" | "failed" | "unscored"): number =>
  variants.reduce((sum, row) => sum + row[outcome], 0)
