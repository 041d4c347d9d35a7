import { Cause } from "effect"
import { HttpClientError } from "effect/http"
import { JobLost } from "./pollJob.ts"
import type { RequestProgress } from "./transport/RequestProgress.ts"
import { sentOf } from "./transport/TransportFailure.ts"

/**
 * Why an attempt got no reply: `NotSent` only where the transport says that nothing left, else `Ambiguous`. Error codes
 * alone prove nothing: a reused connection can be reset before or after the request was read. An interrupted attempt has
 * no error, so there the transport's progress is asked.
 */
export const failureOf = <E>(
  cause: Cause.Cause<E>,
  progress: RequestProgress
): { readonly class: "NotSent" | "Ambiguous"; readonly reason: string } => {
  const unsent = progress.tracked && progress.sentAt === undefined
  if (Cause.hasInterruptsOnly(cause)) {
    return unsent
      ? { class: "NotSent", reason: "interrupted before it was sent" }
      : { class: "Ambiguous", reason: "interrupted while waiting for the reply" }
  }
  const error = Cause.squash(cause)
  if (Cause.isTimeoutError(error)) {
    return unsent
      ? { class: "NotSent", reason: "no connection within the attempt's timeout" }
      : { class: "Ambiguous", reason: "no reply within the attempt's timeout" }
  }
  if (error instanceof JobLost) return { class: "Ambiguous", reason: error.reason }
  if (!HttpClientError.isHttpClientError(error)) return { class: "Ambiguous", reason: String(error) }
  return { class: sentOf(error) === "no" ? "NotSent" : "Ambiguous", reason: describe(error) }
}

/** The innermost message of an error's chain, with its code when the message does not have it. */
const describe = (error: unknown): string => {
  let innermost: Error | undefined
  let code: string | undefined
  for (let current = error, depth = 0; current instanceof Error && depth < 6; current = current.cause, depth += 1) {
    innermost = current
    if ("code" in current && typeof current.code === "string") code = current.code
  }
  const message = innermost?.message ?? String(error)
  return code === undefined || message.includes(code) ? message : `${code}: ${message}`
}
