import type { AttemptClass } from "../LedgerJournal.ts"
import { readError, readErrorCode } from "./decodeReply.ts"

/** What a refusal of the provider means for the run. */
export type Refusal = "unauthorized" | "credits" | "retired" | "request"

/** How a reply that is not a 200 is taken: its class decides about money and retries, its refusal about the run. */
export interface ReplyClass {
  readonly class: AttemptClass
  readonly refusal: Refusal | undefined
  readonly reason: string
}

/** A 500 that took longer than this is the gateway giving up on a job that may still run, and be charged. */
const gatewayPatienceMillis = 55_000

/**
 * Classes a status other than 200 (wire contract A4, E1), by status first and by the body only where one status has
 * several meanings: 406 (content type, credits, spend limit, parameter), 404 (slug or upstream model), 429 (rate or quota).
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
    case 404:
      return is("Rejected", readErrorCode(reply.body) === "model_not_found" ? "retired" : "request")
    case 429:
      return readErrorCode(reply.body) === "insufficient_quota" ? is("Rejected", "credits") : is("Throttled")
    case 500:
      return is(isGatewayJson(reply.body) && elapsedMillis <= gatewayPatienceMillis ? "ServerError" : "Ambiguous")
    default:
      if (reply.status >= 400 && reply.status < 500) return is("Rejected", "request")
      // 502, 503, 504 and 52x come from a proxy in front of the gateway: the job behind it may have run.
      return is(reply.status === 503 && isGatewayJson(reply.body) ? "ServerError" : "Ambiguous")
  }
}

const isGatewayJson = (body: string): boolean => /^\s*\{[\s\S]*"error"/.test(body)
