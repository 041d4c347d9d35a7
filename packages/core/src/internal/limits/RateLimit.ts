const minuteMillis = 60_000

/**
 * A token bucket over sends: no 60 s window sees more than `requestsPerMinute` plus a burst of a tenth of it. The time
 * between tokens is rounded up to whole milliseconds, so that rounding never adds a send.
 */
export const makeRateLimit = (requestsPerMinute: number) => {
  const intervalMillis = Math.ceil(minuteMillis / requestsPerMinute)
  const burst = burstOf(requestsPerMinute)
  /** When the bucket will be full again, in milliseconds. */
  let fullAt = Number.NEGATIVE_INFINITY
  return {
    /** Takes the next token, first come first served, and tells how many milliseconds from `now` it comes. */
    take: (now: number): number => {
      const base = Math.max(fullAt, now)
      fullAt = base + intervalMillis
      return Math.max(0, base - (burst - 1) * intervalMillis - now)
    }
  }
}

/** Sends that may go at once after a pause. */
export const burstOf = (requestsPerMinute: number): number => Math.max(1, Math.floor(requestsPerMinute / 10))
