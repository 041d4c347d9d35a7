import { Cause, Clock, Effect, Exit, Fiber, Latch, type Scope } from "effect"

interface Pending {
  readonly expiresAt: number
  readonly expire: () => void
}

/** `Effect.timeout`, with one sleeping fiber for all. */
export type Timeouts = <A, E>(work: Effect.Effect<A, E>, millis: number) => Effect.Effect<A, E | Cause.TimeoutError>

/**
 * Timeouts of many calls on one clock. `Effect.timeout` starts two fibers and a timer a call, which is a seventh of what
 * a call costs; nearly none of those timers ever fires, so here one fiber sleeps until the earliest is due.
 */
export const makeTimeouts: Effect.Effect<Timeouts, never, Scope.Scope> = Effect.gen(function* () {
  const pending = new Set<Pending>()
  const wake = yield* Latch.make(false)
  let nextLookAt = Number.POSITIVE_INFINITY

  yield* Effect.gen(function* () {
    const now = yield* Clock.currentTimeMillis
    for (const entry of pending) if (entry.expiresAt <= now) entry.expire()
    nextLookAt = Number.POSITIVE_INFINITY
    for (const { expiresAt } of pending) nextLookAt = Math.min(nextLookAt, expiresAt)
    yield* nextLookAt === Number.POSITIVE_INFINITY ? wake.await : Effect.timeoutOption(wake.await, nextLookAt - now)
    wake.closeUnsafe()
  }).pipe(Effect.forever, Effect.forkScoped)

  return (work, millis) =>
    Effect.uninterruptibleMask((restore) =>
      Effect.flatMap(Effect.forkChild(restore(work), { startImmediately: true }), (fiber) =>
        Effect.flatMap(Clock.currentTimeMillis, (now) => restore(within(fiber, now + millis)))
      )
    )

  function within<A, E>(fiber: Fiber.Fiber<A, E>, expiresAt: number) {
    return Effect.callback<A, E | Cause.TimeoutError>((resume) => {
      let expired = false
      const entry: Pending = {
        expiresAt,
        expire: () => {
          expired = true
          pending.delete(entry)
          fiber.interruptUnsafe()
        }
      }
      pending.add(entry)
      fiber.addObserver((exit) => {
        pending.delete(entry)
        const lost = expired && Exit.isFailure(exit) && Cause.hasInterruptsOnly(exit.cause)
        resume(lost ? Effect.fail(new Cause.TimeoutError("no end in time")) : exit)
      })
      if (expiresAt < nextLookAt) wake.openUnsafe()
      return Fiber.interrupt(fiber)
    })
  }
})
