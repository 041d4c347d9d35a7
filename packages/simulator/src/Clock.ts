/** Time as the simulator sees it, so that a test can move it by hand. */
export interface Clock {
  /** Milliseconds since 1970 in UTC. */
  now(): number
  /** Runs the action once, after so many milliseconds; the returned function calls it off. */
  after(milliseconds: number, action: () => void): () => void
}

export const systemClock: Clock = {
  now: () => Date.now(),
  after: (milliseconds, action) => {
    const timer = setTimeout(action, milliseconds)
    return () => clearTimeout(timer)
  }
}
