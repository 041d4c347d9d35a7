import type { FooterClock } from "./FooterClock.ts"

/** At most 20 frames of new data a second: more is unreadable, and each frame costs. */
const shortestMillis = 50
/** Without news the clock in the footer still ticks, so that a slow call does not look like a hang. */
const idleMillis = 1000

export interface Throttle {
  /** There is news: show it now, or as soon as 50 ms have passed since it was last shown. */
  readonly request: () => void
  readonly stop: () => void
}

/** Calls `publish` no more often than 20 times a second, and once a second when nothing is requested. */
export const makeThrottle = (clock: FooterClock, publish: () => void): Throttle => {
  let publishedAt = Number.NEGATIVE_INFINITY
  let callOff = () => {}
  let isDue = false
  let stopped = false
  const run = () => {
    callOff()
    isDue = false
    publishedAt = clock.now()
    callOff = clock.after(idleMillis, run)
    publish()
  }
  return {
    request: () => {
      if (isDue || stopped) return
      const wait = publishedAt + shortestMillis - clock.now()
      if (wait <= 0) {
        run()
        return
      }
      callOff()
      isDue = true
      callOff = clock.after(wait, run)
    },
    stop: () => {
      stopped = true
      callOff()
    }
  }
}
