import type { AdmitDecision, AttemptEnd, LedgerJournal, ReserveRequest, Settlement } from "@assay/core"
import { Effect } from "effect"
import type { SharedBudget } from "../SharedBudget.ts"

type Journal = LedgerJournal["Service"]

/**
 * A journal whose admissions need room in shared budgets as well, all or none. The shared ledger reserves first and ends
 * last, so that a crash between the two counts too much there, never too little. It knows amounts, not replies.
 *
 * A reservation that other budgets refuse is given back at once; until then others may be told to wait, never that
 * the budget is exhausted.
 */
export const guardedBy = (
  journal: Journal,
  { shared, budgets }: { readonly shared: Journal; readonly budgets: ReadonlyArray<SharedBudget> }
): Journal => {
  const opened = new Set<string>()
  const open = Effect.fnUntraced(function* (id: string, limit: bigint) {
    if (opened.has(id)) return
    yield* shared.open(id, limit)
    opened.add(id)
  })

  const openAll = (requests: ReadonlyArray<ReserveRequest>) =>
    Effect.forEach(
      requests,
      ({ at }) => Effect.forEach(budgets, ({ idAt, limit }) => open(idAt(at), limit), { discard: true }),
      { discard: true }
    )

  const giveBack = (names: ReadonlyArray<string>, request: ReserveRequest) =>
    Effect.forEach(names, (attemptId) => shared.release(notSent(attemptId, request)), {
      concurrency: "unbounded",
      discard: true
    })

  /** Reserves in the shared budgets; gives each request's refusal, if any, after what it had reserved was given back. */
  const reserveShared = Effect.fnUntraced(function* (requests: ReadonlyArray<ReserveRequest>) {
    yield* openAll(requests)
    const decisions = yield* shared.admit(
      requests.flatMap((request) => budgets.map((budget) => shareOf(request, budget)))
    )
    return yield* Effect.forEach(
      requests,
      Effect.fnUntraced(function* (request, index) {
        const own = budgets.map((budget, place) => ({ budget, decision: decisions[index * budgets.length + place] }))
        const refused = own.find(({ decision }) => decision?._tag !== "Admitted")
        if (refused === undefined) return undefined
        const admitted = own.filter(({ decision }) => decision?._tag === "Admitted")
        yield* giveBack(
          admitted.map(({ budget }) => nameOf(request, budget)),
          request
        )
        return toRefusal(refused.decision, refused.budget.idAt(request.at))
      }),
      { concurrency: "unbounded" }
    )
  })

  const admit = Effect.fnUntraced(function* (requests: ReadonlyArray<ReserveRequest>) {
    const refusals = yield* reserveShared(requests)
    const asked = requests.filter((_, index) => refusals[index] === undefined)
    const giveBackAll = (given: ReadonlyArray<ReserveRequest>) =>
      Effect.forEach(
        given,
        (request) =>
          giveBack(
            budgets.map((budget) => nameOf(request, budget)),
            request
          ),
        { concurrency: "unbounded", discard: true }
      )
    const answers = yield* Effect.onError(asked.length === 0 ? Effect.succeed([]) : journal.admit(asked), () =>
      Effect.ignore(giveBackAll(asked))
    )
    yield* giveBackAll(asked.filter((_, index) => answers[index]?._tag !== "Admitted"))
    let next = 0
    return yield* Effect.forEach(requests, (_, index) => {
      const decision = refusals[index] ?? answers[next++]
      return decision === undefined ? Effect.die("the journal left a request undecided") : Effect.succeed(decision)
    })
  }, Effect.uninterruptible)

  /** Ends an attempt in its own ledger, then in the shared one. */
  const inBoth = <A, E>(
    own: Effect.Effect<A, E>,
    inShared: (name: string) => Effect.Effect<unknown, E>,
    attempt: string
  ) =>
    Effect.uninterruptible(
      Effect.tap(own, () =>
        Effect.forEach(budgets, (budget) => inShared(nameOf({ attemptId: attempt }, budget)), {
          concurrency: "unbounded",
          discard: true
        })
      )
    )
  const ended = (how: "release" | "hold") => (end: AttemptEnd) =>
    inBoth(journal[how](end), (attemptId) => shared[how]({ ...end, attemptId }), end.attemptId)

  return {
    ...journal,
    admit,
    settle: (settlement) =>
      inBoth(
        journal.settle(settlement),
        (attemptId) => shared.settle(withoutReply(settlement, attemptId)),
        settlement.attemptId
      ),
    release: ended("release"),
    hold: ended("hold"),
    resolve: (attemptId, resolution) =>
      // Also where its own ledger has no such hold any more: a crash may have come before the shared one was told.
      inBoth(
        journal.resolve(attemptId, resolution),
        (name) =>
          shared.resolve(
            name,
            typeof resolution === "object" && "settlement" in resolution
              ? { settlement: withoutReply(resolution.settlement, name) }
              : resolution
          ),
        attemptId
      )
  }
}

/** The name of an attempt in a shared budget. */
const nameOf = ({ attemptId }: Pick<ReserveRequest, "attemptId">, { name }: SharedBudget): string =>
  `${attemptId}/${name}`

/** A share has a key of its own: two projects may buy the same completion, each with its own ledger. */
const shareOf = (request: ReserveRequest, budget: SharedBudget): ReserveRequest => {
  const attemptId = nameOf(request, budget)
  return { ...request, attemptId, budget: budget.idAt(request.at), key: attemptId }
}

const toRefusal = (decision: AdmitDecision | undefined, budget: string): AdmitDecision =>
  decision?._tag === "Exhausted" ? { ...decision, budget } : { _tag: "Wait" }

const withoutReply = (settlement: Settlement, attemptId: string): Settlement => ({
  ...settlement,
  attemptId,
  reply: { status: settlement.reply.status, headers: {}, body: "" }
})

const notSent = (attemptId: string, { budget, at }: ReserveRequest): AttemptEnd => ({
  attemptId,
  budget,
  number: 1,
  class: "NotSent",
  status: undefined,
  requestId: undefined,
  reason: "another budget of the call had no room",
  sentAt: at,
  latencyMillis: 0
})
