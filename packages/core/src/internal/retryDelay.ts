import type { AttemptClass } from "../LedgerJournal.ts"

/** One failed attempt of a call, as far as the retry policy needs it. */
export interface FailedAttempt {
  readonly class: AttemptClass
  readonly reason: string
  /** What the server asked to wait, in milliseconds. */
  readonly retryAfterMillis: number | undefined
}

/** Retries by class (wire contract E1): what was certainly not charged, and no more. */
const retries: Readonly<Partial<Record<AttemptClass, number>>> = { NotSent: 4, Throttled: 6, ServerError: 2 }
const baseMillis: Readonly<Partial<Record<AttemptClass, number>>> = { Throttled: 1000 }
const longestBackoffMillis = 20_000
/** Calls that were told the same time to come back are spread over this much. */
const wishSpreadMillis = 1000

/**
 * The one retry policy: how long to wait before the next attempt, in milliseconds, or undefined to give up.
 *
 * Full jitter under 0.5 s (1 s after a 429), doubled a retry, never over 20 s; or, where the server asks for more,
 * up to 1 s after the time it asks for, and never sooner.
 * Ambiguous attempts may have been charged and are never repeated; a 500 that repeats its own text is a problem of
 * the request. `share` in [0, 1) is the draw of the jitter.
 */
export const retryDelay = (failures: ReadonlyArray<FailedAttempt>, share: number): number | undefined => {
  const last = failures.at(-1)
  if (last === undefined) return undefined
  const alike = failures.filter((failure) => failure.class === last.class)
  if (alike.length > (retries[last.class] ?? 0)) return undefined
  if (last.class === "ServerError" && alike.at(-2)?.reason === last.reason) return undefined
  const ceiling = Math.min((baseMillis[last.class] ?? 500) * 2 ** (alike.length - 1), longestBackoffMillis)
  const backoff = ceiling * share
  return last.retryAfterMillis === undefined
    ? backoff
    : Math.max(backoff, last.retryAfterMillis + wishSpreadMillis * share)
}
