/** When a provider counts as down, and when it is tried again. */
export interface CircuitOptions {
  /** Failed attempts in a row that open the circuit. */
  readonly failures: number
  /** Milliseconds until one call may try again. */
  readonly retryAfterMillis: number
}

/** Why an attempt may not be made now. */
export interface CircuitRefusal {
  readonly _tag: "Refused"
  readonly failures: number
  readonly retryAfterMillis: number
  readonly reason: string
}

/** What an attempt that was let through has to tell at its end; only one probe is under way at a time. */
export interface CircuitPass {
  readonly _tag: "Call" | "Probe"
}

/** Stops sending to a provider that fails every time, and finds out with one call at a time whether it is back. */
export interface CircuitBreaker {
  readonly state: (now: number) => "closed" | "open" | "half-open"
  readonly enter: (now: number) => CircuitPass | CircuitRefusal
  /** Any reply of a living provider closes the circuit, a refusal too. */
  readonly answered: () => void
  readonly failed: (pass: CircuitPass, now: number, reason: string) => void
  /** The attempt ended before it told anything, as by an interruption. */
  readonly untold: (pass: CircuitPass) => void
}

const call: CircuitPass = { _tag: "Call" }

export const makeCircuitBreaker = (options: CircuitOptions): CircuitBreaker => {
  let failures = 0
  let reason = ""
  let openedAt: number | undefined
  let probing = false

  const waitAt = (now: number) => (openedAt === undefined ? 0 : openedAt + options.retryAfterMillis - now)

  return {
    state: (now) => (openedAt === undefined ? "closed" : waitAt(now) > 0 ? "open" : "half-open"),
    enter: (now) => {
      if (openedAt === undefined) return call
      const wait = waitAt(now)
      if (wait > 0 || probing) return { _tag: "Refused", failures, retryAfterMillis: Math.max(wait, 0), reason }
      probing = true
      return { _tag: "Probe" }
    },
    answered: () => {
      failures = 0
      openedAt = undefined
      probing = false
    },
    failed: (pass, now, why) => {
      failures += 1
      reason = why
      // Calls that were in flight when it opened say nothing new, and must not put off the probe.
      if (pass._tag === "Probe") openedAt = now
      else if (openedAt === undefined && failures >= options.failures) openedAt = now
      if (pass._tag === "Probe") probing = false
    },
    untold: (pass) => {
      if (pass._tag === "Probe") probing = false
    }
  }
}
