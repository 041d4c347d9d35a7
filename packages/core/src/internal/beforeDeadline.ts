import { Clock, Effect } from "effect"

/**
 * Ends work that has not begun by its deadline with `outOfTime`, after its interruption has cleaned up; work that has
 * begun goes on, under its own timeout.
 */
export const beforeDeadline = <A, E, E2>(
  work: Effect.Effect<A, E>,
  options: {
    /** UTC milliseconds. */
    readonly deadlineAt: number
    readonly begun: () => boolean
    readonly outOfTime: Effect.Effect<never, E2>
  }
): Effect.Effect<A, E | E2> =>
  Effect.raceFirst(
    work,
    Effect.gen(function* () {
      yield* Effect.sleep(Math.max(0, options.deadlineAt - (yield* Clock.currentTimeMillis)))
      return yield* options.begun() ? Effect.never : options.outOfTime
    })
  )
