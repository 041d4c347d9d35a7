import { deepStrictEqual, strictEqual } from "node:assert/strict"
import { Effect } from "effect"
import type { AttemptKind } from "../../CompletionRequest.ts"
import type { AdmitDecision, LedgerJournal, LedgerTotals } from "../../LedgerJournal.ts"
import type { JournalFailed } from "../../ModelError.ts"
import { anEnd, aReservation, aSettlement, keyOf } from "./ledgerRecords.ts"

type Journal = LedgerJournal["Service"]

/** Something that every journal does. The check fails with an `AssertionError` as a defect when this one does not. */
export interface JournalCheck {
  /** A sentence about behaviour. */
  readonly title: string
  /** Needs an empty journal each time. */
  readonly check: (journal: Journal) => Effect.Effect<void, JournalFailed>
}

/**
 * What every `LedgerJournal` does, for the tests of any that is written: run each check, with the test runner of your
 * choice, on a journal of its own.
 */
export const ledgerJournalContract: ReadonlyArray<JournalCheck> = [
  checking(
    "opens a budget with its limit, and keeps what was spent when it is opened again",
    100n,
    function* (journal) {
      yield* journal.admit([aReservation("a")])
      yield* journal.settle(aSettlement("a", 4n))
      const totals = yield* journal.open("budget-1", 50n)
      deepStrictEqual(totals, sums(50n, 4n, 0n, 0n))
      deepStrictEqual(yield* journal.totals("budget-1"), totals)
      deepStrictEqual(yield* journal.totals("nobody's"), sums(0n, 0n, 0n, 0n))
    }
  ),

  checking("decides several requests in order, each after the one before it", 25n, function* (journal) {
    const decisions = yield* journal.admit([
      aReservation("a"),
      aReservation("b"),
      aReservation("c"),
      aReservation("d", { bound: 5n }),
      aReservation("e", { bound: 26n })
    ])
    deepStrictEqual(tags(decisions), ["Admitted", "Admitted", "Wait", "Admitted", "Exhausted"])
    strictEqual((yield* journal.totals("budget-1")).reserved, 25n)
  }),

  checking("admits nothing to a budget that was never opened", 0n, function* (journal) {
    const [decision] = yield* journal.admit([aReservation("a", { budget: "budget-2", bound: 1n })])
    strictEqual(decision?._tag, "Exhausted")
  }),

  checking("frees what a settled attempt did not cost", 10n, function* (journal) {
    yield* journal.admit([aReservation("a")])
    yield* journal.settle(aSettlement("a", 4n))
    const tooMuch = yield* journal.admit([aReservation("b", { bound: 7n })])
    deepStrictEqual(tooMuch, [{ _tag: "Exhausted", totals: sums(10n, 4n, 0n, 0n) }])
    deepStrictEqual(yield* journal.admit([aReservation("c", { bound: 6n })]), [{ _tag: "Admitted" }])
  }),

  checking("tells the totals of a refusal as they were, whatever comes later", 10n, function* (journal) {
    const [refusal] = yield* journal.admit([aReservation("a", { bound: 11n })])
    yield* journal.admit([aReservation("b")])
    yield* journal.settle(aSettlement("b", 9n))
    deepStrictEqual(refusal, { _tag: "Exhausted", totals: sums(10n, 0n, 0n, 0n) })
  }),

  checking("keeps the bound of a held attempt and names the call", 100n, function* (journal) {
    yield* journal.admit([aReservation("a", { kind: "judge", at: 5 })])
    yield* journal.hold(anEnd("a"))
    deepStrictEqual(yield* journal.totals("budget-1"), sums(100n, 0n, 0n, 10n))
    deepStrictEqual(yield* journal.held("budget-1"), [
      {
        attemptId: "a",
        key: keyOf("a"),
        kind: "judge" satisfies AttemptKind,
        provider: "simulator",
        model: "o3-mini",
        bound: 10n,
        reservedAt: 5,
        reason: "the socket closed"
      }
    ])
    deepStrictEqual(yield* journal.held("budget-2"), [])
  }),

  checking("does not buy a key that is in doubt, for whichever budget", 100n, function* (journal) {
    yield* journal.open("budget-2", 100n)
    yield* journal.admit([aReservation("a")])
    yield* journal.hold(anEnd("a"))
    const inDoubt = { _tag: "InDoubt", attemptId: "a", bound: 10n } as const
    const decisions = yield* journal.admit([
      aReservation("b", { key: keyOf("a") }),
      aReservation("c", { key: keyOf("a"), budget: "budget-2" }),
      aReservation("d")
    ])
    deepStrictEqual(decisions, [inDoubt, inDoubt, { _tag: "Admitted" }])
  }),

  checking("does not buy a key twice at a time, for whichever budget", 100n, function* (journal) {
    yield* journal.open("budget-2", 100n)
    const decisions = yield* journal.admit([
      aReservation("a"),
      aReservation("b", { key: keyOf("a") }),
      aReservation("c", { key: keyOf("a"), budget: "budget-2" })
    ])
    deepStrictEqual(tags(decisions), ["Admitted", "Claimed", "Claimed"])
    for (const decision of decisions.slice(1)) strictEqual(claimedBy(decision), "a")
    yield* journal.settle(aSettlement("a", 4n))
    const again = aReservation("c", { key: keyOf("a"), budget: "budget-2" })
    deepStrictEqual(yield* journal.admit([again]), [{ _tag: "Admitted" }])
  }),

  checking("lists held calls oldest first", 100n, function* (journal) {
    yield* journal.admit(["a", "b", "c"].map((attemptId) => aReservation(attemptId)))
    for (const attemptId of ["c", "a", "b"]) yield* journal.hold(anEnd(attemptId))
    deepStrictEqual(yield* heldNames(journal), ["a", "b", "c"])
  }),

  checking("frees the bound of a released attempt, and lets its key be bought again", 10n, function* (journal) {
    yield* journal.admit([aReservation("a")])
    yield* journal.release(anEnd("a", { class: "Throttled" }))
    strictEqual((yield* journal.totals("budget-1")).reserved, 0n)
    deepStrictEqual(yield* journal.admit([aReservation("b", { key: keyOf("a") })]), [{ _tag: "Admitted" }])
  }),

  checking("gives back the reply that was paid for, in its own budget alone", 100n, function* (journal) {
    const settlement = aSettlement("a", 4n)
    yield* journal.admit([aReservation("a")])
    strictEqual(yield* journal.settledReply("budget-1", keyOf("a")), undefined)
    yield* journal.settle(settlement)
    const { charge, reply, latencyMillis } = settlement
    const settled = { attemptId: "a", charge, reply, latencyMillis }
    deepStrictEqual(yield* journal.settledReply("budget-1", keyOf("a")), settled)
    strictEqual(yield* journal.settledReply("budget-2", keyOf("a")), undefined)
    strictEqual(yield* journal.settledReply("budget-1", keyOf("b")), undefined)
  }),

  checking("finds replies that were settled after it was first asked", 100n, function* (journal) {
    for (const attemptId of ["a", "b", "c"]) {
      yield* journal.admit([aReservation(attemptId)])
      yield* journal.settle(aSettlement(attemptId, 1n))
      strictEqual((yield* journal.settledReply("budget-1", keyOf(attemptId)))?.attemptId, attemptId)
    }
  }),

  checking("keeps holding what an estimated charge left in doubt, and has its reply", 100n, function* (journal) {
    yield* journal.admit([aReservation("a")])
    yield* journal.settle(estimate("a", 4n, 6n))
    deepStrictEqual(yield* journal.totals("budget-1"), sums(100n, 4n, 0n, 6n))
    strictEqual((yield* journal.settledReply("budget-1", keyOf("a")))?.charge.held, 6n)
    deepStrictEqual(
      (yield* journal.held("budget-1")).map(({ attemptId, bound }) => [attemptId, bound]),
      [["a", 6n]]
    )
    deepStrictEqual(yield* journal.admit([aReservation("b", { key: keyOf("a") })]), [{ _tag: "Admitted" }])
  }),

  checking("takes a charge over the bound as it is, and admits nothing more", 20n, function* (journal) {
    yield* journal.admit([aReservation("a")])
    yield* journal.settle(aSettlement("a", 23n))
    deepStrictEqual(tags(yield* journal.admit([aReservation("b", { bound: 1n })])), ["Exhausted"])
    strictEqual((yield* journal.totals("budget-1")).settled, 23n)
  }),

  checking("changes nothing when an attempt that has ended, or never was, ends again", 100n, function* (journal) {
    yield* journal.admit(["a", "b", "c"].map((attemptId) => aReservation(attemptId)))
    yield* journal.settle(aSettlement("a", 4n))
    yield* journal.release(anEnd("b"))
    yield* journal.hold(anEnd("c"))
    const before = yield* journal.totals("budget-1")
    for (const attemptId of ["a", "b", "c", "never"]) {
      yield* journal.settle(aSettlement(attemptId, 9n))
      yield* journal.release(anEnd(attemptId))
      yield* journal.hold(anEnd(attemptId))
    }
    deepStrictEqual(yield* journal.totals("budget-1"), before)
    deepStrictEqual(before, sums(100n, 4n, 0n, 10n))
  }),

  checking("frees a hold that was not charged, and lets its key be bought again", 10n, function* (journal) {
    yield* hold(journal, "a")
    strictEqual(yield* journal.resolve("a", "not-charged"), true)
    deepStrictEqual(yield* journal.totals("budget-1"), sums(10n, 0n, 0n, 0n))
    deepStrictEqual(yield* journal.held("budget-1"), [])
    deepStrictEqual(yield* journal.admit([aReservation("b", { key: keyOf("a") })]), [{ _tag: "Admitted" }])
  }),

  checking("settles a hold at what it was charged, also above its bound", 100n, function* (journal) {
    yield* hold(journal, "a")
    yield* hold(journal, "b")
    strictEqual(yield* journal.resolve("a", { charged: 7n }), true)
    deepStrictEqual(yield* journal.totals("budget-1"), sums(100n, 7n, 0n, 10n))
    strictEqual(yield* journal.resolve("b", { charged: 12n }), true)
    deepStrictEqual(yield* journal.totals("budget-1"), sums(100n, 19n, 0n, 0n))
    strictEqual(yield* journal.settledReply("budget-1", keyOf("a")), undefined)
    deepStrictEqual(yield* journal.admit([aReservation("c", { key: keyOf("a") })]), [{ _tag: "Admitted" }])
  }),

  checking("takes the reply of a hold when it turns up, as if it had come in time", 100n, function* (journal) {
    strictEqual(yield* journal.settledReply("budget-1", keyOf("a")), undefined)
    yield* hold(journal, "a")
    const settlement = aSettlement("a", 4n)
    strictEqual(yield* journal.resolve("a", { settlement }), true)
    deepStrictEqual(yield* journal.totals("budget-1"), sums(100n, 4n, 0n, 0n))
    const { charge, reply, latencyMillis } = settlement
    const settled = { attemptId: "a", charge, reply, latencyMillis }
    deepStrictEqual(yield* journal.settledReply("budget-1", keyOf("a")), settled)
  }),

  checking("goes on holding what a late reply leaves in doubt, but no longer its key", 100n, function* (journal) {
    yield* hold(journal, "a")
    yield* journal.resolve("a", { settlement: estimate("a", 3n, 7n) })
    deepStrictEqual(yield* journal.totals("budget-1"), sums(100n, 3n, 0n, 7n))
    strictEqual((yield* journal.settledReply("budget-1", keyOf("a")))?.charge.held, 7n)
    deepStrictEqual(yield* heldNames(journal), ["a"])
    deepStrictEqual(yield* journal.admit([aReservation("b", { key: keyOf("a") })]), [{ _tag: "Admitted" }])
    yield* journal.resolve("a", { charged: 5n })
    deepStrictEqual(yield* journal.totals("budget-1"), sums(100n, 5n, 10n, 0n))
  }),

  checking("frees what an estimate left in doubt, and never takes back what it settled", 100n, function* (journal) {
    yield* journal.admit(["a", "b", "c"].map((attemptId) => aReservation(attemptId)))
    for (const attemptId of ["a", "b", "c"]) yield* journal.settle(estimate(attemptId, 4n, 6n))
    yield* journal.resolve("a", { charged: 9n })
    yield* journal.resolve("b", { charged: 1n })
    yield* journal.resolve("c", "not-charged")
    deepStrictEqual(yield* journal.totals("budget-1"), sums(100n, 17n, 0n, 0n))
    const { amount, held } = (yield* journal.settledReply("budget-1", keyOf("a")))?.charge ?? {}
    deepStrictEqual({ amount, held }, { amount: 9n, held: 0n })
  }),

  checking("resolves nothing that is not held, and nothing twice", 100n, function* (journal) {
    yield* journal.admit(["a", "b", "c", "d"].map((attemptId) => aReservation(attemptId)))
    yield* journal.settle(aSettlement("a", 4n))
    yield* journal.release(anEnd("b"))
    yield* journal.hold(anEnd("c"))
    yield* journal.resolve("c", { charged: 2n })
    const before = yield* journal.totals("budget-1")
    for (const attemptId of ["a", "b", "c", "d", "never"]) {
      strictEqual(yield* journal.resolve(attemptId, { charged: 9n }), false)
      strictEqual(yield* journal.resolve(attemptId, { settlement: aSettlement(attemptId, 9n) }), false)
    }
    deepStrictEqual(yield* journal.totals("budget-1"), before)
    deepStrictEqual(before, sums(100n, 6n, 10n, 0n))
  }),

  checking("counts amounts that no float can", 2n ** 62n, function* (journal) {
    const amount = 2n ** 53n + 1n
    yield* journal.admit([aReservation("a", { bound: 2n ** 60n + 1n })])
    strictEqual((yield* journal.totals("budget-1")).reserved, 2n ** 60n + 1n)
    yield* journal.settle(aSettlement("a", amount))
    strictEqual((yield* journal.totals("budget-1")).settled, amount)
    strictEqual((yield* journal.settledReply("budget-1", keyOf("a")))?.charge.amount, amount)
  }),

  checking("takes keys, names and replies of any text", 100n, function* (journal) {
    const key = "ABCDEF00ABCDEF00ABCDEF00ABCDEF00"
    const name = "an attempt’s name\n\u2028\0"
    yield* journal.admit([aReservation(name, { key })])
    yield* journal.hold(anEnd(name))
    strictEqual((yield* journal.held("budget-1"))[0]?.key, key)
    const body = '\r\n\n\u2028 line ends, an emoji 🧮 and a quote "'
    yield* journal.admit([aReservation("b")])
    yield* journal.settle(aSettlement("b", 1n, { reply: { status: 200, headers: { "x-cost": "1e-3" }, body } }))
    strictEqual((yield* journal.settledReply("budget-1", keyOf("b")))?.reply.body, body)
  })
]

/** A check in a journal whose `budget-1` has this limit. */
function checking(
  title: string,
  limit: bigint,
  body: (journal: Journal) => Generator<Effect.Effect<unknown, JournalFailed>, void, never>
): JournalCheck {
  return {
    title,
    check: (journal) =>
      Effect.andThen(
        journal.open("budget-1", limit),
        Effect.gen(() => body(journal))
      )
  }
}

const sums = (limit: bigint, settled: bigint, reserved: bigint, held: bigint): LedgerTotals => ({
  limit,
  settled,
  reserved,
  held
})

const tags = (decisions: ReadonlyArray<AdmitDecision>) => decisions.map(({ _tag }) => _tag)

const claimedBy = (decision: AdmitDecision) => (decision._tag === "Claimed" ? decision.attemptId : undefined)

const heldNames = (journal: Journal) =>
  Effect.map(journal.held("budget-1"), (calls) => calls.map(({ attemptId }) => attemptId))

const hold = (journal: Journal, attemptId: string) =>
  Effect.andThen(journal.admit([aReservation(attemptId)]), journal.hold(anEnd(attemptId)))

const estimate = (attemptId: string, amount: bigint, held: bigint) =>
  aSettlement(attemptId, amount, { charge: { amount, source: "usage", held } })
