import { Context, type Effect, Schema } from "effect"
import type {
  RenderedPrompt,
  RunRecord,
  RunStatus,
  SampleRecord,
  TrialKey,
  TrialOutcome,
  TrialRecord,
  VariantTotals
} from "./RunRecord.ts"

/** The store could not be read or written. What it had confirmed before is kept. */
export class StoreFailed extends Schema.TaggedError<StoreFailed>()("StoreFailed", {
  operation: Schema.String,
  cause: Schema.Defect()
}) {
  override get message() {
    return `The store could not ${this.operation}: ${this.cause instanceof Error ? this.cause.message : String(this.cause)}`
  }
}

/** Another living process writes this run. */
export class RunIsOwned extends Schema.TaggedError<RunIsOwned>()("RunIsOwned", {
  run: Schema.String,
  pid: Schema.Int
}) {
  override get message() {
    return `Process ${this.pid} is writing run ${this.run}.`
  }
}

/**
 * Keeps runs. The harness says what it needs; `layerRunStoreMemory` and the store's SQLite obey.
 *
 * Writes are durable when they return and safe to repeat: the first outcome of a trial stays, unless it was `unscored`.
 */
export class RunStore extends Context.Service<
  RunStore,
  {
    /** Writes a new run and claims it for this process. */
    createRun(run: RunRecord, samples: ReadonlyArray<SampleRecord>): Effect.Effect<void, StoreFailed>
    /** Claims a stored run for this process again, with a new total budget (pico-credits), and sets it `running`. */
    reopenRun(id: string, budget: bigint): Effect.Effect<void, StoreFailed | RunIsOwned>
    /** Sets the final status and gives the claim back. */
    finishRun(id: string, status: RunStatus, at: number): Effect.Effect<void, StoreFailed>
    /** Appends a trial with its scores and the prompt it was rendered to. */
    appendTrial(run: string, trial: TrialRecord, prompt: RenderedPrompt): Effect.Effect<void, StoreFailed>
    /** The run whose id is, or begins with, `id`; `undefined` gives the newest. */
    findRun(id?: string): Effect.Effect<RunRecord | undefined, StoreFailed>
    /** Newest first. */
    listRuns(limit: number): Effect.Effect<ReadonlyArray<RunRecord>, StoreFailed>
    /** Which trials have an outcome, without their texts. */
    trialOutcomes(run: string): Effect.Effect<ReadonlyArray<TrialKey & { readonly outcome: TrialOutcome }>, StoreFailed>
    totals(run: string): Effect.Effect<ReadonlyArray<VariantTotals>, StoreFailed>
    /** Everything about the trials of one sample, for a person to read. */
    sampleTrials(run: string, sampleId: string): Effect.Effect<ReadonlyArray<StoredTrial>, StoreFailed>
    /** Trials that did not pass, without prompts, oldest first. */
    failures(run: string, limit: number): Effect.Effect<ReadonlyArray<TrialRecord>, StoreFailed>
  }
>()("harness/RunStore") {}

/** A trial with the sample and the prompt it came from. */
export interface StoredTrial {
  readonly trial: TrialRecord
  readonly sample: SampleRecord
  readonly prompt: RenderedPrompt
}
