import type { Duration, Effect } from "effect"
import type { ModelInfo } from "../ModelCatalogue.ts"
import type { Provider } from "../Provider.ts"

/** The most that one batch may hold. */
export interface ChunkLimits {
  /** OpenAI's own limit, 50,000, by default. */
  readonly lines?: number
  /** Bytes of the input file; OpenAI's own limit of 200 MB by default. */
  readonly inputBytes?: number
  /**
   * Bytes that the answers may take, reckoned at 4 a token of `maxCompletionTokens`; 24 MiB by default, since a client
   * reads whole replies of 32 MiB at most.
   */
  readonly outputBytes?: number
}

/** Where a batch stands; `completed` and `failed` are the provider's counts. */
export interface BatchProgress {
  /** Our name for the batch, the same before and after a restart. */
  readonly chunk: string
  /** The provider's name for it. */
  readonly batchId: string
  readonly status: string
  readonly total: number
  readonly completed: number
  readonly failed: number
}

export interface BatchOptions {
  readonly provider: Provider
  /** Limits and prices of models that the catalogue does not know. */
  readonly models?: ReadonlyArray<ModelInfo>
  readonly limits?: ChunkLimits
  /** Batches in the provider's hands at a time; 4 by default. */
  readonly batchesAtOnce?: number
  /** Time between two looks at a batch; 30 seconds by default. */
  readonly pollInterval?: Duration.Input
  /** How long a batch may take before its lines are held and left to a later run; 26 hours by default. */
  readonly patience?: Duration.Input
  /**
   * How long a batch whose creation was not answered may take to show in the provider's list; 1 minute by default.
   * Only after that is it taken as not made.
   */
  readonly listGrace?: Duration.Input
  /** Hears of every look at a batch. */
  readonly onProgress?: (progress: BatchProgress) => Effect.Effect<void>
}
