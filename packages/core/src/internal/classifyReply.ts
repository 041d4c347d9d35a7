import type { AttemptClass } from "../LedgerJournal.ts"
import { holdsError, readError, readErrorCode } from "./decodeReply.ts"

/** What a refusal of the provider means for the run. */
export type Refusal = "unauthorized" | "credits" | "retired" | "request"

/** How a reply that is not a 200 is taken: its class decides about money and retries, its refusal about the run. */
export interface ReplyClass {
  readonly class: AttemptClass
  readonly refusal: Refusal | undefined
  readonly reason: string
}

/** A server error that took longer than this is the gateway giving up on a job that may still run, and be charged. */
const gatewayPatienceMillis = 55_000

/**
 * Classes a status other than 200 (wire contract A4, E1), by status first and by the body only where one status has
 * several meanings: 406 (content type, credits, spend limit, parameter), 400 and 404 (request or upstream model), 429
 * (rate or quota), 408 and 5xx (the gateway, which rolls its charge back, or a proxy before it, which knows nothing).
 */
export const classifyReply = (
  reply: { readonly status: number; readonly body: string },
  elapsedMillis: number
): ReplyClass => {
  const reason = readError(reply.body)
  const is = (attemptClass: AttemptClass, refusal?: Refusal): ReplyClass => ({ class: attemptClass, refusal, reason })
  switch (reply.status) {
    case 401:
      return is("Rejected", "unauthorized")
    case 402:
      return is("Rejected", "credits")
    case 406:
      return is("Rejected", /insufficient|not enough|credit|spend(ing)? limit/i.test(reason) ? "credits" : "request")
    case 410:
      return is("Rejected", "retired")
    case 400:
    case 404:
      return is("Rejected", isModelNotFound(reply.body, reason) ? "retired" : "request")
    case 429:
      return readErrorCode(reply.body) === "insufficient_quota" ? is("Rejected", "credits") : is("Throttled")
    case 408:
    case 499:
      // A proxy that lost patience, or its client; the job behind it may have run.
      return holdsError(reply.body) ? is("Rejected", "request") : is("Ambiguous")
    default:
      return reply.status >= 400 && reply.status < 500
        ? is("Rejected", "request")
        : is(isRolledBack(reply, elapsedMillis) ? "ServerError" : "Ambiguous")
  }
}

/** A time-out is none, whoever reports it: what was waited for may still end, and be charged. */
const isRolledBack = (reply: { readonly status: number; readonly body: string }, elapsedMillis: number): boolean =>
  reply.status >= 500 && !timeouts.has(reply.status) && holdsError(reply.body) && elapsedMillis <= gatewayPatienceMillis

const timeouts: ReadonlySet<number> = new Set([504, 522, 524])

/** A gateway may pass the upstream's error on as an object, or put its text into its own. */
const isModelNotFound = (body: string, reason: string): boolean =>
  readErrorCode(body) === "model_not_found" || reason.includes("model_not_found")
