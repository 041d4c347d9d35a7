import { Effect } from "effect"
import type { StopCause } from "../StopCause.ts"
import type { EventLine } from "./eventLine.ts"

/** Whether a run goes on, and how many of its calls are in flight. */
export interface Stopping {
  readonly cause: () => StopCause | undefined
  /** Lets no further call begin, and says so. The first cause stays. */
  readonly stop: (why: StopCause) => Effect.Effect<void>
  /** Counts a call as in flight until it ends. */
  readonly inFlight: <A, E, R>(call: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>
}

export const makeStopping = (emit: EventLine): Stopping => {
  let cause: StopCause | undefined
  let inFlight = 0
  return {
    cause: () => cause,
    stop: (why) =>
      Effect.suspend(() => {
        if (cause !== undefined) return Effect.void
        cause = why
        return emit(Effect.sync(() => ({ _tag: "RunStopping", reason: why.message, inFlight })))
      }),
    inFlight: (call) =>
      Effect.acquireUseRelease(
        Effect.sync(() => {
          inFlight += 1
        }),
        () => call,
        () =>
          Effect.sync(() => {
            inFlight -= 1
          })
      )
  }
}
