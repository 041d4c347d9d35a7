import { Duration } from "effect"
import { AiError } from "effect/ai"
import { formatCredits } from "../Credits.ts"
import type { ModelError } from "../ModelError.ts"
import type { AssayErrorMetadata } from "./metadata.ts"

/**
 * Core's error as an `AiError`. Retryable are only failures that were certainly not charged and may pass by themselves:
 * `RateLimited`, `ProviderFailed`, `ProviderUnreachable` and `CircuitOpen`. Core has retried them already, so the use of
 * it is to fall back to another model, or to come back later.
 */
export const toAiError = (error: ModelError, method: string): AiError.AiError =>
  AiError.make({ module: "LanguageModel", method, reason: reasonOf(error) })

const reasonOf = (error: ModelError): AiError.AiErrorReason => {
  const metadata = { assay: moneyOf(error) }
  switch (error._tag) {
    case "Unauthorized":
      return new AiError.AuthenticationError({ kind: "InvalidKey", description: error.message, metadata })
    case "OutOfCredits":
    case "BudgetExceeded":
      return new AiError.QuotaExhaustedError({ metadata })
    case "ModelRetired":
      return new AiError.InvalidRequestError({ parameter: "model", description: error.message, metadata })
    case "RequestRejected":
      return new AiError.InvalidRequestError({ description: error.message, metadata })
    case "RateLimited":
      return new AiError.RateLimitError({ retryAfter: error.retryAfter, metadata })
    case "ProviderFailed":
    case "CircuitOpen":
      return new AiError.InternalProviderError({ description: error.message, metadata })
    case "ProviderUnreachable": {
      const { provider: url, message: description } = error
      return new AiError.NetworkError({ reason: "TransportError", method: "POST", url, description, cause: error })
    }
    case "UnexpectedReply":
      return new AiError.InvalidResponseError({ description: error.message, metadata })
    case "CallInDoubt":
    case "CallClaimed":
    case "BoundBreach":
    case "JournalFailed":
      return new AiError.UnknownError({ description: error.message, metadata })
  }
}

const moneyOf = (error: ModelError): AssayErrorMetadata => ({
  error: error._tag,
  message: error.message,
  credits: "charged" in error ? formatCredits(error.charged) : "0",
  creditsHeld: error._tag === "CallInDoubt" ? formatCredits(error.held) : "0",
  attemptId: "attemptId" in error ? error.attemptId : null,
  retryAfterMillis: "retryAfter" in error && error.retryAfter !== undefined ? Duration.toMillis(error.retryAfter) : null
})
