import type { Message } from "@assay/core"

/** How a run stands. All but `running` are final until it is resumed. */
export type RunStatus =
  | "running"
  /** Every trial has an outcome within the allowed errors. */
  | "completed"
  /** Errors over the limit, the provider down, or calls in doubt. */
  | "incomplete"
  /** Stopped by the budget or for lack of credits. */
  | "out-of-budget"
  /** Stopped by a signal. */
  | "interrupted"

/** One column of a suite's matrix, as stored. */
export interface VariantRecord {
  readonly suite: string
  /** Unique in its suite: the prompt's name, with the settings that vary. */
  readonly name: string
  readonly prompt: string
  readonly promptHash: string
  readonly model: string
  readonly reasoningEffort: string | undefined
  readonly maxCompletionTokens: number
}

/** A suite as it was when the run began; a resumed run must find the same hashes. */
export interface SuiteRecord {
  readonly name: string
  /** The suite's file, to find it again; undefined for a suite that a program made. */
  readonly file: string | undefined
  readonly samplesHash: string
  readonly scorersHash: string
  readonly samples: number
  readonly trialsPerSample: number
}

/** One plan executed once. */
export interface RunRecord {
  /** 8 characters, unique in the store; also the name of the run's budget in the ledger. */
  readonly id: string
  /** UTC milliseconds. */
  readonly createdAt: number
  readonly finishedAt: number | undefined
  readonly status: RunStatus
  readonly seed: number
  readonly provider: string
  readonly baseUrl: string
  /** Whether a stand-in answered. Shown with every number of the run. */
  readonly simulated: boolean
  /** The run's total budget, in pico-credits. */
  readonly budget: bigint
  /** Samples taken of each suite at most; undefined for all. */
  readonly limit: number | undefined
  readonly gitCommit: string | undefined
  readonly suites: ReadonlyArray<SuiteRecord>
  readonly variants: ReadonlyArray<VariantRecord>
  /** Trials planned. */
  readonly trials: number
}

/** Where a trial stands in its run. */
export interface TrialKey {
  readonly suite: string
  readonly variant: string
  readonly sampleId: string
  readonly trialIndex: number
}

/** `passed`: every required scorer gave at least its `passAt`. `unscored`: a fault of provider or judge, outside n. */
export type TrialOutcome = "passed" | "failed" | "unscored"

/** One scorer's judgement of one completion. */
export interface ScoreRecord {
  readonly scorer: string
  readonly version: number
  /** 0…1; undefined when unscored. */
  readonly value: number | undefined
  readonly passed: boolean
  readonly explanation: string
  readonly details: unknown
}

/** One sample put to one variant once, as stored. */
export interface TrialRecord extends TrialKey {
  readonly outcome: TrialOutcome
  /** Why it failed or has no score, in a sentence; undefined when it passed. */
  readonly reason: string | undefined
  /** The attempt that brought the completion; undefined when none came. */
  readonly attemptId: string | undefined
  /** HTTP tries. */
  readonly attempts: number
  readonly output: string | undefined
  readonly finishReason: string | undefined
  readonly responseModel: string | undefined
  readonly systemFingerprint: string | undefined
  readonly promptTokens: number | undefined
  readonly completionTokens: number | undefined
  readonly reasoningTokens: number | undefined
  readonly cost: bigint
  readonly latencyMillis: number | undefined
  readonly finishedAt: number
  readonly scores: ReadonlyArray<ScoreRecord>
}

/** A rendered prompt, stored once by its hash. */
export interface RenderedPrompt {
  readonly hash: string
  readonly messages: ReadonlyArray<Message>
}

/** A sample as stored with the run that used it. */
export interface SampleRecord {
  readonly suite: string
  readonly id: string
  readonly hash: string
  /** JSON. */
  readonly input: unknown
  readonly target: unknown
  readonly cluster: string
  readonly tags: ReadonlyArray<string>
}

/** Outcomes of one variant of one suite. */
export interface VariantTotals {
  readonly suite: string
  readonly variant: string
  readonly planned: number
  readonly passed: number
  readonly failed: number
  readonly unscored: number
  /** Pico-credits. */
  readonly cost: bigint
  readonly medianLatencyMillis: number | undefined
}
