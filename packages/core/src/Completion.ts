import type { Duration } from "effect"

/** Tokens that the provider counted; reasoning tokens are a part of the completion tokens and billed as output. */
export interface Usage {
  readonly promptTokens: number
  readonly cachedPromptTokens: number
  readonly completionTokens: number
  readonly reasoningTokens: number
}

/** Where the amount of a charge comes from, from exact to worst: reply header, usage × price list, the bound. */
export type ChargeSource = "header" | "usage" | "bound"

/** What one attempt was charged, in pico-credits. */
export interface Charge {
  readonly amount: bigint
  readonly source: ChargeSource
  /** What stays held because `amount` is an estimate of a provider that bills by its own rules; 0 for exact charges. */
  readonly held: bigint
}

/** Why the model stopped: `length` means cut by `maxCompletionTokens`, and what was produced is billed. */
export type FinishReason = "stop" | "length" | "content_filter" | "refusal" | "unknown"

/** One completion: what the model gave back, what it took and what it cost. */
export interface Completion {
  /** The reply's text; empty when the model was cut while reasoning or refused. */
  readonly output: string
  readonly finishReason: FinishReason
  readonly refusal: string | undefined
  /** The model that answered, as the provider names it; runs with different ones are not comparable. */
  readonly model: string | undefined
  readonly systemFingerprint: string | undefined
  readonly usage: Usage | undefined
  readonly charge: Charge
  /** Time from sending the last attempt to its last byte; waiting for a permit, the budget or a retry is not in it. */
  readonly latency: Duration.Duration
  readonly requestId: string | undefined
  /** The attempt that brought this completion; the ledger and the store know it by this name. */
  readonly attemptId: string
  /** HTTP tries this took, 1 or more; 0 when the reply was already on record and nothing was sent. */
  readonly attempts: number
  /** The balance that the reply's header told, in pico-credits: an observation, never used as a cost. */
  readonly remainingCredits: bigint | undefined
}
