import { LedgerJournal } from "@assay/core"
import { assert, describe, it } from "@effect/vitest"
import { Effect, type Layer } from "effect"
import { checkLedgerSchedule, drawSchedule } from "./ledgerSchedule.ts"
import { anEnd, aReservation, aSettlement, keyOf } from "./records.ts"

/** What every `LedgerJournal` does. `layer` gives an empty ledger each time it is built. */
export const ledgerJournalContract = <E>(name: string, layer: Layer.Layer<LedgerJournal, E>) => {
  const withBudget = <A, F>(limit: bigint, use: (journal: LedgerJournal["Service"]) => Effect.Effect<A, F>) =>
    Effect.gen(function* () {
      const journal = yield* LedgerJournal
      yield* journal.open("budget-1", limit)
      return yield* use(journal)
    }).pipe(Effect.provide(layer))

  describe(`${name} as a LedgerJournal`, () => {
    it.effect("opens a budget with its limit, and keeps what was spent when it is opened again", () =>
      withBudget(100n, (journal) =>
        Effect.gen(function* () {
          yield* journal.admit([aReservation("a")])
          yield* journal.settle(aSettlement("a", 4n))
          const totals = yield* journal.open("budget-1", 50n)
          assert.deepStrictEqual(totals, { limit: 50n, settled: 4n, reserved: 0n, held: 0n })
          assert.deepStrictEqual(yield* journal.totals("budget-1"), totals)
        })
      )
    )

    it.effect("decides several requests in order, each after the one before it", () =>
      withBudget(25n, (journal) =>
        Effect.gen(function* () {
          const decisions = yield* journal.admit([
            aReservation("a"),
            aReservation("b"),
            aReservation("c"),
            aReservation("d", { bound: 5n }),
            aReservation("e", { bound: 26n })
          ])
          assert.deepStrictEqual(
            decisions.map(({ _tag }) => _tag),
            ["Admitted", "Admitted", "Wait", "Admitted", "Exhausted"]
          )
          assert.strictEqual((yield* journal.totals("budget-1")).reserved, 25n)
        })
      )
    )

    it.effect("frees what a settled attempt did not cost", () =>
      withBudget(10n, (journal) =>
        Effect.gen(function* () {
          yield* journal.admit([aReservation("a")])
          yield* journal.settle(aSettlement("a", 4n))
          const totals = { limit: 10n, settled: 4n, reserved: 0n, held: 0n }
          const tooMuch = yield* journal.admit([aReservation("b", { bound: 7n })])
          assert.deepStrictEqual(tooMuch, [{ _tag: "Exhausted", totals }])
          assert.deepStrictEqual(yield* journal.admit([aReservation("c", { bound: 6n })]), [{ _tag: "Admitted" }])
        })
      )
    )

    it.effect("keeps the bound of a held attempt, names the call, and does not buy its key again", () =>
      withBudget(100n, (journal) =>
        Effect.gen(function* () {
          yield* journal.admit([aReservation("a", { kind: "judge", at: 5 })])
          yield* journal.hold(anEnd("a"))
          assert.deepStrictEqual(yield* journal.totals("budget-1"), {
            limit: 100n,
            settled: 0n,
            reserved: 0n,
            held: 10n
          })
          assert.deepStrictEqual(yield* journal.held("budget-1"), [
            {
              attemptId: "a",
              key: keyOf("a"),
              kind: "judge",
              provider: "simulator",
              model: "o3-mini",
              bound: 10n,
              reservedAt: 5,
              reason: "the socket closed"
            }
          ])
          const decisions = yield* journal.admit([aReservation("b", { key: keyOf("a") }), aReservation("c")])
          assert.deepStrictEqual(decisions, [{ _tag: "InDoubt", attemptId: "a", bound: 10n }, { _tag: "Admitted" }])
        })
      )
    )

    it.effect("lists held calls oldest first", () =>
      withBudget(100n, (journal) =>
        Effect.gen(function* () {
          yield* journal.admit(["a", "b", "c"].map((attemptId) => aReservation(attemptId)))
          for (const attemptId of ["c", "a", "b"]) yield* journal.hold(anEnd(attemptId))
          assert.deepStrictEqual(
            (yield* journal.held("budget-1")).map(({ attemptId }) => attemptId),
            ["a", "b", "c"]
          )
        })
      )
    )

    it.effect("frees the bound of a released attempt, and lets its key be bought again", () =>
      withBudget(10n, (journal) =>
        Effect.gen(function* () {
          yield* journal.admit([aReservation("a")])
          yield* journal.release(anEnd("a", { class: "Throttled" }))
          assert.strictEqual((yield* journal.totals("budget-1")).reserved, 0n)
          assert.deepStrictEqual(yield* journal.admit([aReservation("b", { key: keyOf("a") })]), [{ _tag: "Admitted" }])
        })
      )
    )

    it.effect("gives back the reply that was paid for, in its own budget alone", () =>
      withBudget(100n, (journal) =>
        Effect.gen(function* () {
          const settlement = aSettlement("a", 4n)
          yield* journal.admit([aReservation("a")])
          assert.strictEqual(yield* journal.settledReply("budget-1", keyOf("a")), undefined)
          yield* journal.settle(settlement)
          const { charge, reply, latencyMillis } = settlement
          const settled = { attemptId: "a", charge, reply, latencyMillis }
          assert.deepStrictEqual(yield* journal.settledReply("budget-1", keyOf("a")), settled)
          assert.strictEqual(yield* journal.settledReply("budget-2", keyOf("a")), undefined)
          assert.strictEqual(yield* journal.settledReply("budget-1", keyOf("b")), undefined)
        })
      )
    )

    it.effect("finds replies that were settled after it was first asked", () =>
      withBudget(100n, (journal) =>
        Effect.gen(function* () {
          for (const attemptId of ["a", "b", "c"]) {
            yield* journal.admit([aReservation(attemptId)])
            yield* journal.settle(aSettlement(attemptId, 1n))
            assert.strictEqual((yield* journal.settledReply("budget-1", keyOf(attemptId)))?.attemptId, attemptId)
          }
        })
      )
    )

    it.effect("keeps holding what an estimated charge left in doubt, and has its reply on record", () =>
      withBudget(100n, (journal) =>
        Effect.gen(function* () {
          yield* journal.admit([aReservation("a")])
          yield* journal.settle(aSettlement("a", 4n, { charge: { amount: 4n, source: "usage", held: 6n } }))
          assert.deepStrictEqual(yield* journal.totals("budget-1"), {
            limit: 100n,
            settled: 4n,
            reserved: 0n,
            held: 6n
          })
          assert.strictEqual((yield* journal.settledReply("budget-1", keyOf("a")))?.charge.held, 6n)
          assert.deepStrictEqual(
            (yield* journal.held("budget-1")).map(({ attemptId, bound }) => [attemptId, bound]),
            [["a", 6n]]
          )
          assert.deepStrictEqual(yield* journal.admit([aReservation("b", { key: keyOf("a") })]), [{ _tag: "Admitted" }])
        })
      )
    )

    it.effect("takes a charge over the bound as it is, and admits nothing more", () =>
      withBudget(20n, (journal) =>
        Effect.gen(function* () {
          yield* journal.admit([aReservation("a")])
          yield* journal.settle(aSettlement("a", 23n))
          const [decision] = yield* journal.admit([aReservation("b", { bound: 1n })])
          assert.strictEqual(decision?._tag, "Exhausted")
          assert.strictEqual((yield* journal.totals("budget-1")).settled, 23n)
        })
      )
    )

    it.effect("changes nothing when an attempt that has ended, or never was, ends again", () =>
      withBudget(100n, (journal) =>
        Effect.gen(function* () {
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
          assert.deepStrictEqual(yield* journal.totals("budget-1"), before)
          assert.deepStrictEqual(before, { limit: 100n, settled: 4n, reserved: 0n, held: 10n })
        })
      )
    )

    it.effect("counts amounts that no float can", () =>
      withBudget(2n ** 62n, (journal) =>
        Effect.gen(function* () {
          const amount = 2n ** 53n + 1n
          yield* journal.admit([aReservation("a", { bound: 2n ** 60n + 1n })])
          assert.strictEqual((yield* journal.totals("budget-1")).reserved, 2n ** 60n + 1n)
          yield* journal.settle(aSettlement("a", amount))
          assert.strictEqual((yield* journal.totals("budget-1")).settled, amount)
          assert.strictEqual((yield* journal.settledReply("budget-1", keyOf("a")))?.charge.amount, amount)
        })
      )
    )

    it.effect("takes keys and names that are not hexadecimal", () =>
      withBudget(100n, (journal) =>
        Effect.gen(function* () {
          const key = "ABCDEF00ABCDEF00ABCDEF00ABCDEF00"
          yield* journal.admit([aReservation("an attempt’s name", { key })])
          yield* journal.hold(anEnd("an attempt’s name"))
          assert.strictEqual((yield* journal.held("budget-1"))[0]?.key, key)
        })
      )
    )

    it.effect.each(Array.from({ length: 12 }, (_, index) => index + 1))(
      "holds the invariants I1 to I4 in the random schedule of seed %i",
      (seed) => withBudget(120n, (journal) => checkLedgerSchedule(journal, 120n, drawSchedule(seed, 120)))
    )
  })
}
