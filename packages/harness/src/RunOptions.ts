import type { Duration, Effect } from "effect"
import type { RunEvent } from "./RunEvent.ts"
import type { RunRecord, RunStatus } from "./RunRecord.ts"
import type { StopCause } from "./StopCause.ts"

/** How a plan is run. */
export interface RunOptions {
  readonly run: RunRecord
  /** Calls in flight at most; at least 1. */
  readonly concurrency: number
  /** Trials without a score that are tolerated before the run counts as incomplete; 0 by default. */
  readonly maxErrors?: number
  /**
   * Completes when no more calls should begin; those in flight are awaited for `drain`. It may be run again after it
   * completed, and must then complete again, as `Deferred.await` does.
   */
  readonly stop?: Effect.Effect<void>
  /** Completes, as `stop` does, when calls in flight should be abandoned at once, and held. */
  readonly abort?: Effect.Effect<void>
  /**
   * How long calls in flight are awaited after `stop`, and then the scorers of what they brought as long again; 10 s by
   * default. What is not scored by then is in the ledger, and a resumed run that recalls scores it.
   */
  readonly drain?: Duration.Input
  /** Takes one event after the other, in order. A slow taker slows the run, so screens must not wait here. */
  readonly emit: (event: RunEvent) => Effect.Effect<void>
}

/** How a run ended, for whoever decides on the exit code. */
export interface RunResult {
  readonly status: RunStatus
  readonly reason: string | undefined
  /** What stopped the run before its end. */
  readonly cause: StopCause | undefined
}
