import { Effect } from "effect"
import type { LedgerJournal } from "../../src/index.ts"
import { anEnd, aReservation, aSettlement } from "../../src/testing.ts"

/** Buys in all the ways there are, so that a journal of some thirty operations has every kind of line. */
export const everyOperation = Effect.fnUntraced(function* (journal: LedgerJournal["Service"]) {
  yield* journal.open("budget-1", 1_000n)
  yield* journal.admit(["a", "b", "c", "d", "e", "f", "g"].map((name) => aReservation(name)))
  yield* journal.settle(aSettlement("a", 4n))
  yield* journal.release(anEnd("b"))
  yield* journal.hold(anEnd("c"))
  yield* journal.settle(aSettlement("d", 3n, { charge: { amount: 3n, source: "usage", held: 7n } }))
  yield* journal.hold(anEnd("e"))
  yield* journal.resolve("c", { charged: 6n })
  yield* journal.resolve("d", { charged: 5n })
  yield* journal.resolve("e", { settlement: aSettlement("e", 8n) })
  yield* journal.hold(anEnd("f"))
  yield* journal.resolve("f", "not-charged")
  yield* journal.open("budget-2", 50n)
  yield* journal.admit(["h", "i", "j"].map((name) => aReservation(name, { budget: "budget-2" })))
  yield* Effect.all([journal.settle(aSettlement("h", 9n)), journal.settle(aSettlement("i", 1n))], {
    concurrency: "unbounded"
  })
  yield* journal.hold(anEnd("j"))
  yield* journal.admit(["k", "l"].map((name) => aReservation(name)))
  yield* journal.settle(aSettlement("k", 10n))
})
