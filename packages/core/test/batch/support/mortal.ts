import { Deferred, Effect, Layer } from "effect"
import { HttpClient } from "effect/http"
import { type AttemptEnd, LedgerJournal, layerLedgerJournalMemory } from "../../../src/index.ts"

type Journal = LedgerJournal["Service"]

/**
 * The journal in memory, as it looks to a process that comes after another has died: opening a budget holds what is still
 * in flight there, as journals on a disk do. Keep it in one layer for all processes of a test.
 */
export const layerJournalMortal = Layer.effect(
  LedgerJournal,
  Effect.map(LedgerJournal, (inner): Journal => {
    const inFlight = new Map<string, AttemptEnd>()
    const ended =
      <A extends AttemptEnd, E>(end: (attempt: A) => Effect.Effect<void, E>) =>
      (attempt: A) =>
        Effect.tap(end(attempt), () => Effect.sync(() => inFlight.delete(attempt.attemptId)))
    return {
      ...inner,
      admit: (requests) =>
        Effect.tap(inner.admit(requests), (decisions) =>
          Effect.sync(() => {
            for (const [index, { attemptId, budget, at }] of requests.entries()) {
              if (decisions[index]?._tag !== "Admitted") continue
              const unknown = { status: undefined, requestId: undefined, reason: "its process died" }
              inFlight.set(attemptId, {
                attemptId,
                budget,
                number: 1,
                class: "Ambiguous",
                ...unknown,
                sentAt: at,
                latencyMillis: 0
              })
            }
          })
        ),
      settle: ended(inner.settle),
      release: ended(inner.release),
      hold: ended(inner.hold),
      open: (budget, limit) =>
        Effect.andThen(
          Effect.forEach([...inFlight.values()], ended(inner.hold), { discard: true }),
          inner.open(budget, limit)
        )
    }
  })
).pipe(Layer.provide(layerLedgerJournalMemory))

/** Counts what a process does to the world, and stops it before the `deadline`-th such step. */
export const makeProcess = (deadline: number, how: "kill" | "interrupt") => {
  const reached = Deferred.makeUnsafe<void>()
  let steps = 0
  let dead = false
  /** One step: before it, a process that is to be killed stops for ever, and one to be interrupted is told so. */
  const step = Effect.suspend(() => {
    if (dead) return Effect.never
    steps += 1
    if (steps !== deadline) return Effect.void
    const told = Deferred.succeed(reached, undefined)
    if (how === "interrupt") return Effect.andThen(told, Effect.yieldNow)
    dead = true
    return Effect.andThen(told, Effect.never)
  })
  const journal = Layer.effect(
    LedgerJournal,
    Effect.map(
      LedgerJournal,
      (inner): Journal => ({
        open: inner.open,
        totals: inner.totals,
        admit: (requests) => Effect.andThen(step, inner.admit(requests)),
        settle: (settlement) => Effect.andThen(step, inner.settle(settlement)),
        release: (end) => Effect.andThen(step, inner.release(end)),
        hold: (end) => Effect.andThen(step, inner.hold(end)),
        resolve: (attemptId, resolution) => Effect.andThen(step, inner.resolve(attemptId, resolution)),
        held: (budget) => Effect.andThen(step, inner.held(budget)),
        settledReply: (budget, key) => Effect.andThen(step, inner.settledReply(budget, key))
      })
    )
  )
  // A request has two: before it leaves, and after it had its effect but before its answer is known.
  const http = Layer.effect(
    HttpClient.HttpClient,
    Effect.map(HttpClient.HttpClient, (inner) =>
      HttpClient.make((request) =>
        Effect.andThen(
          step,
          Effect.tap(inner.execute(request), () => step)
        )
      )
    )
  )
  return { reached, steps: () => steps, layer: Layer.merge(journal, http) }
}
