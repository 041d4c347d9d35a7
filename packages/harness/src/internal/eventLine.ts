import { Clock, Effect, Semaphore } from "effect"
import type { RunEvent } from "../RunEvent.ts"

type DistributiveOmit<A, K extends PropertyKey> = A extends unknown ? Omit<A, K> : never

/** An event before it has its place and time. */
export type UnstampedEvent = DistributiveOmit<RunEvent, "seq" | "at">

export type EventLine = <E = never>(make: Effect.Effect<UnstampedEvent, E>) => Effect.Effect<void, E>

/**
 * Gives events their place and time, and hands them on one after the other. An event is made when its turn comes, so
 * what it tells of the ledger is never older than what the event before it told. No interruption leaves a gap.
 */
export const makeEventLine = (take: (event: RunEvent) => Effect.Effect<void>): Effect.Effect<EventLine> =>
  Effect.map(Semaphore.make(1), (turn) => {
    let seq = 0
    return (make) =>
      Effect.gen(function* () {
        const event = yield* make
        const at = yield* Clock.currentTimeMillis
        seq += 1
        yield* take({ ...event, seq, at })
      }).pipe(turn.withPermit, Effect.uninterruptible)
  })
