import { Context, Deferred, Effect, Latch, Layer } from "effect"
import {
  type AdmitDecision,
  type AttemptEnd,
  LedgerJournal,
  type LedgerTotals,
  type ReserveRequest,
  type Settlement
} from "./LedgerJournal.ts"
import { BudgetExceeded, CallClaimed, CallInDoubt, type JournalFailed } from "./ModelError.ts"

/** How often a waiter asks again when it may be another process that has to settle first. */
const pollInterval = "250 millis"

/** Admission of paid calls to one budget: reserve, then settle, release or hold. */
export class Ledger extends Context.Service<
  Ledger,
  {
    /** The budget that this ledger guards. */
    readonly budget: string
    /**
     * Reserves the bound of one attempt, durably, before its bytes may leave. Waits, first come first served, while
     * calls in flight may still free enough. Interrupting a waiter leaves nothing reserved.
     *
     * Fails with `BudgetExceeded` when the bound can never fit, `CallInDoubt` when an earlier call of the same key has an
     * unknown fate, `CallClaimed` when another process is buying the key.
     */
    reserve(
      request: Omit<ReserveRequest, "budget">
    ): Effect.Effect<void, BudgetExceeded | CallInDoubt | CallClaimed | JournalFailed>
    settle(settlement: Settlement): Effect.Effect<void, JournalFailed>
    release(end: AttemptEnd): Effect.Effect<void, JournalFailed>
    hold(end: AttemptEnd): Effect.Effect<void, JournalFailed>
    readonly totals: Effect.Effect<LedgerTotals, JournalFailed>
  }
>()("core/Ledger") {
  /** Opens the budget in the journal with `limit` (pico-credits) as its total, and guards it in this process. */
  static readonly layer = (options: { readonly budget: string; readonly limit: bigint }) =>
    Layer.effect(Ledger, makeLedger(options))
}

interface Waiter {
  readonly request: ReserveRequest
  readonly admitted: Deferred.Deferred<AdmitDecision, JournalFailed>
  decision: AdmitDecision | undefined
  abandoned: boolean
}

const makeLedger = Effect.fnUntraced(function* ({
  budget,
  limit
}: {
  readonly budget: string
  readonly limit: bigint
}) {
  const journal = yield* LedgerJournal
  yield* journal.open(budget, limit)

  const waiters: Array<Waiter> = []
  const wake = yield* Latch.make(false)
  /** Counts ends, so that one which happens while a decision is under way is not missed. */
  let ends = 0

  const ask = (request: ReserveRequest) =>
    Effect.flatMap(journal.admit([request]), ([decision]) =>
      decision === undefined ? Effect.die("the journal decided nothing") : Effect.succeed(decision)
    )

  const reserve = Effect.fnUntraced(function* (partial: Omit<ReserveRequest, "budget">) {
    const request: ReserveRequest = { ...partial, budget }
    if (waiters.length > 0) return yield* conclude(request, yield* wait(request))
    const endsBefore = ends
    const decision = yield* ask(request)
    if (decision._tag !== "Wait") return yield* conclude(request, decision)
    if (ends !== endsBefore) wake.openUnsafe()
    return yield* conclude(request, yield* wait(request))
  }, Effect.uninterruptible)

  const wait = (request: ReserveRequest) =>
    Effect.suspend(() => {
      const waiter: Waiter = { request, admitted: Deferred.makeUnsafe(), decision: undefined, abandoned: false }
      waiters.push(waiter)
      return Effect.interruptible(Deferred.await(waiter.admitted)).pipe(Effect.onInterrupt(() => abandon(waiter)))
    })

  const abandon = (waiter: Waiter) =>
    Effect.suspend(() => {
      waiter.abandoned = true
      const place = waiters.indexOf(waiter)
      if (place >= 0) waiters.splice(place, 1)
      return waiter.decision?._tag === "Admitted" ? giveBack(waiter.request) : Effect.void
    })

  /** Frees what was reserved for a waiter that had gone: nothing was sent. */
  const giveBack = (request: ReserveRequest) =>
    ended(
      journal.release({
        attemptId: request.attemptId,
        budget,
        number: 1,
        class: "NotSent",
        status: undefined,
        requestId: undefined,
        reason: "interrupted while waiting for the budget",
        sentAt: request.at,
        latencyMillis: 0
      })
    ).pipe(Effect.ignore)

  /** Serves the queue in order until its head has to wait for an end that has not happened yet. */
  const serve = Effect.gen(function* () {
    while (true) {
      const head = waiters[0]
      if (head === undefined) return
      const endsBefore = ends
      const result = yield* Effect.result(ask(head.request))
      if (result._tag === "Success" && result.success._tag === "Wait") {
        if (ends !== endsBefore) continue
        return
      }
      if (waiters[0] === head) waiters.shift()
      if (result._tag === "Failure") {
        yield* Deferred.fail(head.admitted, result.failure)
        continue
      }
      head.decision = result.success
      if (!head.abandoned) yield* Deferred.succeed(head.admitted, result.success)
      else if (result.success._tag === "Admitted") yield* giveBack(head.request)
    }
  })

  yield* Effect.gen(function* () {
    yield* wake.await
    wake.closeUnsafe()
    yield* serve
    // What stands in the way may belong to another process, whose ends are not heard here.
    if (waiters.length > 0) yield* Effect.forkChild(Effect.delay(wake.open, pollInterval))
  }).pipe(Effect.forever, Effect.forkScoped)

  const ended = <A, E>(end: Effect.Effect<A, E>) =>
    Effect.tap(end, () => {
      ends += 1
      return waiters.length > 0 ? wake.open : Effect.void
    })

  return Ledger.of({
    budget,
    reserve,
    settle: (settlement) => ended(journal.settle(settlement)),
    release: (end) => ended(journal.release(end)),
    hold: (end) => ended(journal.hold(end)),
    totals: journal.totals(budget)
  })
})

const conclude = (request: ReserveRequest, decision: AdmitDecision) => {
  switch (decision._tag) {
    case "Admitted":
    case "Wait":
      return Effect.void
    case "Exhausted": {
      const { limit, settled, held } = decision.totals
      return Effect.fail(new BudgetExceeded({ limit, spent: settled, held, needed: request.bound }))
    }
    case "InDoubt":
      return Effect.fail(
        new CallInDoubt({
          provider: request.provider,
          attemptId: decision.attemptId,
          held: decision.bound,
          reason: "an earlier call of the same completion never ended"
        })
      )
    case "Claimed":
      return Effect.fail(new CallClaimed({ owner: decision.owner, attemptId: decision.attemptId }))
  }
}
