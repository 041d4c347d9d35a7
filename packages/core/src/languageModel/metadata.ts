import { Duration } from "effect"
import type { ChargeSource, Completion } from "../Completion.ts"
import { formatCredits } from "../Credits.ts"

/** What a completion cost and how it came, in the `metadata.assay` of an `effect/ai` finish part. Credits are exact. */
export type AssayMetadata = {
  /** Decimal credits that this call was charged; "0" where its reply had been bought already: see `attempts`. */
  readonly credits: string
  /** Where that amount comes from: `header` is exact, `usage` and `bound` are estimates. */
  readonly creditsSource: ChargeSource
  /** Decimal credits that stay held because the charge is an estimate; "0" for exact charges. */
  readonly creditsHeld: string
  /** The account's balance as the reply told it, in decimal credits: an observation, never a cost. */
  readonly remainingCredits: string | null
  /** The attempt that bought the reply. */
  readonly attemptId: string
  /** HTTP tries this took; 0 when the reply was on record, or came from the same call made at the same time. */
  readonly attempts: number
  /** Milliseconds of the last attempt alone. */
  readonly latencyMillis: number
  readonly systemFingerprint: string | null
  /** The words of a model that refused. */
  readonly refusal: string | null
}

/** What is known of the money behind a failure, in the `metadata.assay` of an `AiError`'s reason. */
export type AssayErrorMetadata = {
  /** The tag of core's own error, as `BudgetExceeded`; `StructuredOutput` or `ContentPolicy` for an object's reply. */
  readonly error: string
  /** Core's whole sentence, which some of Effect's reasons have no room for. */
  readonly message: string
  /** Decimal credits that were charged. */
  readonly credits: string
  /** Decimal credits that are held because nobody knows whether they were charged. */
  readonly creditsHeld: string
  readonly attemptId: string | null
  /** When the provider, or its circuit breaker, wants to be asked again. */
  readonly retryAfterMillis: number | null
}

export const metadataOf = (completion: Completion): AssayMetadata => {
  const { charge, remainingCredits, attempts } = completion
  return {
    credits: formatCredits(attempts === 0 ? 0n : charge.amount),
    creditsSource: charge.source,
    creditsHeld: formatCredits(attempts === 0 ? 0n : charge.held),
    remainingCredits: remainingCredits === undefined ? null : formatCredits(remainingCredits),
    attemptId: completion.attemptId,
    attempts,
    latencyMillis: Duration.toMillis(completion.latency),
    systemFingerprint: completion.systemFingerprint ?? null,
    refusal: completion.refusal ?? null
  }
}

declare module "effect/ai/Response" {
  interface FinishPartMetadata extends ProviderMetadata {
    readonly assay?: AssayMetadata | null
  }
}

declare module "effect/ai/AiError" {
  interface RateLimitErrorMetadata extends ProviderMetadata {
    readonly assay?: AssayErrorMetadata | null
  }
  interface QuotaExhaustedErrorMetadata extends ProviderMetadata {
    readonly assay?: AssayErrorMetadata | null
  }
  interface AuthenticationErrorMetadata extends ProviderMetadata {
    readonly assay?: AssayErrorMetadata | null
  }
  interface ContentPolicyErrorMetadata extends ProviderMetadata {
    readonly assay?: AssayErrorMetadata | null
  }
  interface InvalidRequestErrorMetadata extends ProviderMetadata {
    readonly assay?: AssayErrorMetadata | null
  }
  interface InvalidResponseErrorMetadata extends ProviderMetadata {
    readonly assay?: AssayErrorMetadata | null
  }
  interface InternalProviderErrorMetadata extends ProviderMetadata {
    readonly assay?: AssayErrorMetadata | null
  }
  interface StructuredOutputErrorMetadata extends ProviderMetadata {
    readonly assay?: AssayErrorMetadata | null
  }
  interface UnknownErrorMetadata extends ProviderMetadata {
    readonly assay?: AssayErrorMetadata | null
  }
}
