/** How many calls may be in flight: where it starts, and what it never leaves. */
export interface ConcurrencyRange {
  readonly min: number
  readonly start: number
  readonly max: number
}

/** The number of calls that may be in flight to one provider, moved by what its replies tell. */
export interface AdaptiveConcurrency {
  /** Whole calls. */
  readonly limit: () => number
  /** One more for every `limit` answers, up to the maximum. `now` is in milliseconds, here and below. */
  readonly answered: (now: number) => void
  /** A fifth fewer after a 429, at most once in 15 s: one burst of refusals is one message. */
  readonly throttled: (now: number) => void
  /** A provider in trouble gets no more for 15 s, and no fewer: fewer calls do not mend a 500. */
  readonly troubled: (now: number) => void
}

const cut = 0.8
const patienceMillis = 15_000

/** A plain number is where the limit starts and the most it comes back to. */
export const makeAdaptiveConcurrency = (range: number | ConcurrencyRange): AdaptiveConcurrency => {
  const { min, start, max } = typeof range === "number" ? { min: 1, start: range, max: range } : range
  const least = Math.max(1, min)
  const most = Math.max(least, max)
  let limit = Math.min(Math.max(start, least), most)
  let lastCutAt = Number.NEGATIVE_INFINITY
  let pausedUntil = Number.NEGATIVE_INFINITY
  return {
    limit: () => Math.floor(limit),
    answered: (now) => {
      if (limit < most && now >= pausedUntil) limit = Math.min(most, limit + 1 / limit)
    },
    throttled: (now) => {
      pausedUntil = now + patienceMillis
      if (now - lastCutAt < patienceMillis) return
      lastCutAt = now
      limit = Math.max(least, limit * cut)
    },
    troubled: (now) => {
      pausedUntil = now + patienceMillis
    }
  }
}
