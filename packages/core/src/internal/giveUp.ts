import { DateTime, Duration, Effect } from "effect"
import { livingSiblings } from "../ModelCatalogue.ts"
import {
  CallInDoubt,
  type ModelError,
  ModelRetired,
  OutOfCredits,
  ProviderFailed,
  ProviderUnreachable,
  RateLimited,
  RequestRejected,
  Unauthorized,
  UnexpectedReply
} from "../ModelError.ts"
import type { Call } from "../resolveCall.ts"
import type { FailedCall } from "./attemptCall.ts"

/** The error of a call whose last attempt failed and is not to be repeated. `now` in UTC milliseconds. */
export const giveUp = (
  call: Call,
  failures: ReadonlyArray<FailedCall>,
  now: number
): Effect.Effect<never, ModelError> => {
  const last = failures.at(-1)
  if (last === undefined) return Effect.die("a call gave up before its first attempt")
  return Effect.fail(errorOf(call, last, failures.length, now))
}

const errorOf = (call: Call, last: FailedCall, attempts: number, now: number): ModelError => {
  const provider = call.provider.name
  const { attemptId, reason, status = 0 } = last
  switch (last.class) {
    case "NotSent":
      return new ProviderUnreachable({ provider, attempts, reason })
    case "Throttled":
      return new RateLimited({
        provider,
        attempts,
        retryAfter: last.retryAfterMillis === undefined ? undefined : Duration.millis(last.retryAfterMillis)
      })
    case "ServerError":
      return new ProviderFailed({ provider, status, attempts, reason })
    case "BilledUseless":
      return new UnexpectedReply({ provider, attemptId, charged: last.charged, reason })
    case "Ambiguous":
    case "Answered":
      return new CallInDoubt({ provider, attemptId, held: call.bound, reason })
    case "Rejected":
      return refusalOf(call, last, now)
  }
}

/** The error of a refusal, which a breaker may remember for later calls. */
export const refusalOf = (call: Call, { refusal, reason, status = 0 }: FailedCall, now: number): ModelError => {
  const provider = call.provider.name
  switch (refusal) {
    case "unauthorized":
      return new Unauthorized({ provider, reason })
    case "credits":
      return new OutOfCredits({ provider, reason })
    case "retired": {
      const today = DateTime.formatIsoDateUtc(DateTime.makeUnsafe(now))
      return new ModelRetired({
        provider,
        model: call.model.slug,
        siblings: [...livingSiblings(call.model.slug, today)]
      })
    }
    default:
      return new RequestRejected({ provider, status, reason })
  }
}
