import { Context, Deferred, Effect, Exit, Latch, Layer } from "effect"
import {
  type AdmitDecision,
  type AttemptEnd,
  LedgerJournal,
  type LedgerTotals,
  type ReserveRequest,
  type Settlement
} from "./LedgerJournal.ts"
import { BoundBreach, BudgetExceeded, CallClaimed, CallInDoubt, type JournalFailed } from "./ModelError.ts"

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
     * unknown fate, `CallClaimed` when the key is being bought, by another process or by another ledger of this one.
     * Once a charge was over its bound, every reservation fails with `BoundBreach` as long as this ledger lives.
     */
    reserve(
      request: Omit<ReserveRequest, "budget">
    ): Effect.Effect<void, BoundBreach | BudgetExceeded | CallInDoubt | CallClaimed | JournalFailed>
    /** Books the charge in full, also one over its bound: that one stops admission, and calls in flight finish. */
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
  readonly admitted: Deferred.Deferred<AdmitDecision, BoundBreach | JournalFailed>
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
  /** What is in flight, by attempt. */
  const reservations = new Map<string, ReserveRequest>()
  let firstBreach: BoundBreach | undefined
  const stopped = () => firstBreach

  const ask = (request: ReserveRequest) =>
    Effect.flatMap(journal.admit([request]), ([decision]) =>
      decision === undefined ? Effect.die("the journal decided nothing") : Effect.succeed(decision)
    )

  const askUnlessStopped = (request: ReserveRequest): Effect.Effect<AdmitDecision, BoundBreach | JournalFailed> => {
    const breach = stopped()
    return breach === undefined ? ask(request) : Effect.fail(breach)
  }

  const reserve = Effect.fnUntraced(function* (partial: Omit<ReserveRequest, "budget">) {
    const breach = stopped()
    if (breach !== undefined) return yield* breach
    const request: ReserveRequest = { ...partial, budget }
    const asked = waiters.length > 0 ? undefined : yield* ask(request)
    const decision = asked === undefined || asked._tag === "Wait" ? yield* wait(request) : asked
    if (decision._tag !== "Admitted") return yield* refusalOf(request, decision)
    // It may have come while the journal decided.
    const lateBreach = stopped()
    if (lateBreach !== undefined) {
      yield* giveBack(request, "a charge over its bound stopped admission")
      return yield* lateBreach
    }
    reservations.set(request.attemptId, request)
  }, Effect.uninterruptible)

  const wait = (request: ReserveRequest) =>
    Effect.suspend(() => {
      const waiter: Waiter = { request, admitted: Deferred.makeUnsafe(), decision: undefined, abandoned: false }
      waiters.push(waiter)
      // Asks once more from the queue: an end that came after the first answer was heard by nobody.
      return Effect.andThen(
        wake.open,
        Effect.interruptible(Deferred.await(waiter.admitted)).pipe(Effect.onInterrupt(() => abandon(waiter)))
      )
    })

  const abandon = (waiter: Waiter) =>
    Effect.suspend(() => {
      waiter.abandoned = true
      const place = waiters.indexOf(waiter)
      if (place >= 0) waiters.splice(place, 1)
      // The next in line may fit where this one did not.
      return waiter.decision?._tag === "Admitted" ? giveBack(waiter.request, goneWhileWaiting) : wake.open
    })

  /** Frees what was reserved for a call that will not be made: nothing was sent. */
  const giveBack = (request: ReserveRequest, reason: string) =>
    ended(
      journal.release({
        attemptId: request.attemptId,
        budget,
        number: 1,
        class: "NotSent",
        status: undefined,
        requestId: undefined,
        reason,
        sentAt: request.at,
        latencyMillis: 0
      })
    ).pipe(Effect.ignore)

  /** Serves the queue in order until its head has to wait. */
  const serve = Effect.gen(function* () {
    for (let head = waiters[0]; head !== undefined; head = waiters[0]) {
      const exit: Exit.Exit<AdmitDecision, BoundBreach | JournalFailed> = yield* Effect.exit(
        askUnlessStopped(head.request)
      )
      const decision = Exit.isSuccess(exit) ? exit.value : undefined
      // The head may have gone while the journal decided; then it is the turn of the next.
      if (decision?._tag === "Wait" && waiters[0] === head) return
      if (waiters[0] === head) waiters.shift()
      if (head.abandoned) {
        if (decision?._tag === "Admitted") yield* giveBack(head.request, goneWhileWaiting)
        continue
      }
      head.decision = decision
      yield* Deferred.done(head.admitted, exit)
    }
  })

  // An end that comes while the queue is served opens the latch again, so none is missed. What stands in the way may
  // also belong to another process, whose ends are not heard here: a waiter asks again by and by.
  yield* Effect.gen(function* () {
    yield* waiters.length === 0 ? wake.await : Effect.timeoutOption(wake.await, pollInterval)
    wake.closeUnsafe()
    yield* Effect.uninterruptible(serve)
  }).pipe(Effect.forever, Effect.forkScoped)

  // With nobody in the queue there is nobody to wake: who joins it asks once more.
  const ended = <A, E>(end: Effect.Effect<A, E>) =>
    Effect.tap(end, () => (waiters.length === 0 ? Effect.void : wake.open))

  const settle = (settlement: Settlement) => {
    const { attemptId, charge } = settlement
    const request = reservations.get(attemptId)
    reservations.delete(attemptId)
    const settled = journal.settle(settlement)
    if (request === undefined || charge.amount <= request.bound) return ended(settled)
    const { bound, provider } = request
    return ended(
      Effect.tap(settled, () => {
        firstBreach ??= new BoundBreach({ provider, attemptId, bound, charged: charge.amount })
        return Effect.void
      })
    )
  }
  const endedWithout = (how: (end: AttemptEnd) => Effect.Effect<void, JournalFailed>) => (end: AttemptEnd) => {
    reservations.delete(end.attemptId)
    return ended(how(end))
  }

  return Ledger.of({
    budget,
    reserve,
    settle,
    release: endedWithout(journal.release),
    hold: endedWithout(journal.hold),
    totals: journal.totals(budget)
  })
})

const goneWhileWaiting = "interrupted while waiting for the budget"

const refusalOf = (request: ReserveRequest, decision: Exclude<AdmitDecision, { readonly _tag: "Admitted" }>) => {
  switch (decision._tag) {
    case "Wait":
      return Effect.die("a waiter was told to wait")
    case "Exhausted": {
      const { limit, settled, held } = decision.totals
      const { budget } = decision
      return Effect.fail(new BudgetExceeded({ limit, spent: settled, held, needed: request.bound, budget }))
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
