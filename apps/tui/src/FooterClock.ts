import { Clock, Effect, Fiber } from "effect"

/** Time as the footer knows it, so that tests can move it. */
export interface FooterClock {
  /** UTC milliseconds. */
  readonly now: () => number
  /** Calls back once after so many milliseconds; what it returns calls that off. */
  readonly after: (millis: number, callback: () => void) => () => void
}

/** The machine's clock. */
export const systemClock: FooterClock = {
  now: () => Effect.runSync(Clock.currentTimeMillis),
  after: (millis, callback) => {
    const fiber = Effect.runFork(Effect.andThen(Effect.sleep(millis), Effect.sync(callback)))
    return () => {
      Effect.runFork(Fiber.interrupt(fiber))
    }
  }
}
