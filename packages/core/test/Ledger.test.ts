import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber, Layer } from "effect"
import { TestClock } from "effect/testing"
import {
  type AttemptEnd,
  Ledger,
  LedgerJournal,
  type LedgerTotals,
  layerLedgerJournalMemory,
  type Settlement
} from "../src/index.ts"
import { diskFull, layerJournalSlow, layerJournalWith } from "./support/journals.ts"

const limit = 100n

describe("reserve", () => {
  it.effect("counts a bound as reserved until the charge settles, and frees the rest", () =>
    Effect.gen(function* () {
      const ledger = yield* Ledger
      yield* ledger.reserve(bound("a", 60n))
      assert.deepStrictEqual(yield* ledger.totals, totals({ reserved: 60n }))
      yield* ledger.settle(settlement("a", 25n))
      assert.deepStrictEqual(yield* ledger.totals, totals({ settled: 25n }))
    }).pipe(Effect.provide(ledgerOver(layerLedgerJournalMemory)))
  )

  it.effect("fills the budget to its last pico-credit", () =>
    Effect.gen(function* () {
      const ledger = yield* Ledger
      yield* ledger.reserve(bound("a", 60n))
      yield* ledger.reserve(bound("b", 40n))
      assert.deepStrictEqual(yield* ledger.totals, totals({ reserved: 100n }))
    }).pipe(Effect.provide(ledgerOver(layerLedgerJournalMemory)))
  )

  it.effect("fails at once, without reserving, when a bound can never fit", () =>
    Effect.gen(function* () {
      const ledger = yield* Ledger
      yield* ledger.reserve(bound("a", 30n))
      yield* ledger.settle(settlement("a", 30n))
      yield* ledger.reserve(bound("b", 20n))
      yield* ledger.hold(end("b"))
      const error = yield* Effect.flip(ledger.reserve(bound("c", 51n)))
      assert.strictEqual(error._tag, "BudgetExceeded")
      assert.include(error.message, "0.00000000003 of 0.0000000001 credits spent and 0.00000000002 held")
      assert.deepStrictEqual(yield* ledger.totals, totals({ settled: 30n, held: 20n }))
    }).pipe(Effect.provide(ledgerOver(layerLedgerJournalMemory)))
  )

  it.effect("refuses a key whose earlier call is in doubt, in every budget", () =>
    Effect.gen(function* () {
      const ledger = yield* Ledger
      yield* ledger.reserve(bound("a", 10n, "key"))
      yield* ledger.hold(end("a"))
      assert.strictEqual((yield* Effect.flip(ledger.reserve(bound("b", 10n, "key"))))._tag, "CallInDoubt")
      const other = yield* Ledger.pipe(Effect.provide(Ledger.layer({ budget: "other", limit }), { local: true }))
      const error = yield* Effect.flip(other.reserve(bound("c", 10n, "key")))
      assert.strictEqual(error._tag, "CallInDoubt")
      assert.include(error.message, "0.00000000001 credits are held")
    }).pipe(Effect.provide(ledgerOver(layerLedgerJournalMemory)))
  )

  it.effect("refuses a key that is being bought, in every budget, and admits it after that purchase has ended", () =>
    Effect.gen(function* () {
      const ledger = yield* Ledger
      yield* ledger.reserve(bound("a", 10n, "key"))
      const error = yield* Effect.flip(ledger.reserve(bound("b", 10n, "key")))
      assert.deepInclude(error, { _tag: "CallClaimed", attemptId: "a", owner: "of this program" })
      const other = yield* Ledger.pipe(Effect.provide(Ledger.layer({ budget: "other", limit }), { local: true }))
      assert.strictEqual((yield* Effect.flip(other.reserve(bound("c", 10n, "key"))))._tag, "CallClaimed")
      yield* ledger.release(end("a"))
      yield* other.reserve(bound("d", 10n, "key"))
      assert.strictEqual((yield* ledger.totals).reserved, 0n)
    }).pipe(Effect.provide(ledgerOver(layerLedgerJournalMemory)))
  )

  it.effect("says who is buying the same completion", () =>
    Effect.gen(function* () {
      const ledger = yield* Ledger
      const error = yield* Effect.flip(ledger.reserve(bound("a", 10n)))
      assert.strictEqual(error.message, "Process 4711 is already buying this completion (attempt 0f).")
    }).pipe(
      Effect.provide(
        ledgerOver(
          layerJournalWith(() => ({
            admit: () => Effect.succeed([{ _tag: "Claimed", attemptId: "0f", owner: "4711" }])
          }))
        )
      )
    )
  )
})

describe("waiting for the budget", () => {
  it.effect("is first come, first served: a small bound does not pass a large one", () =>
    Effect.gen(function* () {
      const ledger = yield* Ledger
      const served: Array<string> = []
      yield* ledger.reserve(bound("a", 50n))
      yield* ledger.reserve(bound("b", 50n))
      for (const [id, amount] of [
        ["large", 80n],
        ["small", 10n],
        ["middle", 40n]
      ] as const) {
        yield* startReserve(id, amount, () => served.push(id))
      }
      yield* ledger.settle(settlement("a", 5n))
      yield* settleDown
      assert.deepStrictEqual(served, [], "45 are free: enough for small alone, but large came first")
      yield* ledger.settle(settlement("b", 5n))
      yield* settleDown
      assert.deepStrictEqual(served, ["large", "small"])
      yield* ledger.settle(settlement("large", 5n))
      yield* settleDown
      assert.deepStrictEqual(served, ["large", "small", "middle"])
    }).pipe(Effect.provide(ledgerOver(layerLedgerJournalMemory)))
  )

  for (const how of ["settle", "release"] as const) {
    it.effect(`ends on a ${how}, without any time passing`, () =>
      Effect.gen(function* () {
        const ledger = yield* Ledger
        yield* ledger.reserve(bound("a", 100n))
        const waiter = yield* startReserve("b", 90n)
        assert.isUndefined(waiter.pollUnsafe())
        yield* how === "settle" ? ledger.settle(settlement("a", 10n)) : ledger.release(end("a"))
        yield* Fiber.join(waiter)
        assert.strictEqual((yield* ledger.totals).reserved, 90n)
      }).pipe(Effect.provide(ledgerOver(layerLedgerJournalMemory)))
    )
  }

  it.effect("fails as soon as a hold, or a charge, makes that the bound can never fit", () =>
    Effect.gen(function* () {
      const ledger = yield* Ledger
      yield* ledger.reserve(bound("a", 50n))
      yield* ledger.reserve(bound("b", 50n))
      const waiter = yield* startReserve("c", 60n)
      const small = yield* startReserve("d", 50n)
      yield* ledger.hold(end("a"))
      assert.strictEqual((yield* Effect.flip(Fiber.join(waiter)))._tag, "BudgetExceeded")
      yield* ledger.settle(settlement("b", 1n))
      assert.strictEqual((yield* Effect.flip(Fiber.join(small)))._tag, "BudgetExceeded")
    }).pipe(Effect.provide(ledgerOver(layerLedgerJournalMemory)))
  )

  it.effect("leaves nothing reserved when it is interrupted", () =>
    Effect.gen(function* () {
      const ledger = yield* Ledger
      yield* ledger.reserve(bound("a", 100n))
      const waiter = yield* startReserve("b", 50n)
      yield* Fiber.interrupt(waiter)
      yield* ledger.settle(settlement("a", 0n))
      yield* settleDown
      assert.deepStrictEqual(yield* ledger.totals, totals({}))
    }).pipe(Effect.provide(ledgerOver(layerLedgerJournalMemory)))
  )

  it.effect("leaves nothing reserved when it is interrupted while it is being served", () =>
    Effect.gen(function* () {
      const ledger = yield* Ledger
      yield* take("a", 100n)
      const waiter = yield* startReserve("b", 50n)
      yield* TestClock.adjust("100 millis")
      yield* ledger.settle(settlement("a", 0n))
      yield* TestClock.adjust("15 millis")
      assert.strictEqual((yield* ledger.totals).reserved, 50n, "reserved on disk, and not yet told")
      yield* Fiber.interrupt(waiter)
      yield* TestClock.adjust("1 second")
      assert.deepStrictEqual(yield* ledger.totals, totals({}))
    }).pipe(Effect.provide(ledgerOver(layerJournalSlow)))
  )

  it.effect("makes way at once for the next when its head is interrupted", () =>
    Effect.gen(function* () {
      const ledger = yield* Ledger
      yield* ledger.reserve(bound("a", 50n))
      const head = yield* startReserve("large", 90n)
      const next = yield* startReserve("small", 40n)
      yield* Fiber.interrupt(head)
      yield* settleDown
      assert.isDefined(next.pollUnsafe())
      assert.strictEqual((yield* ledger.totals).reserved, 90n)
    }).pipe(Effect.provide(ledgerOver(layerLedgerJournalMemory)))
  )

  it.effect("makes way when its head is interrupted while the journal decides", () =>
    Effect.gen(function* () {
      yield* take("a", 50n)
      const head = yield* startReserve("large", 90n)
      yield* TestClock.adjust("25 millis")
      const next = yield* startReserve("small", 40n)
      yield* TestClock.adjust("5 millis")
      yield* Fiber.interrupt(head)
      yield* TestClock.adjust("100 millis")
      assert.isDefined(next.pollUnsafe(), "no poll is needed for it")
    }).pipe(Effect.provide(ledgerOver(layerJournalSlow)))
  )

  it.effect("misses no end that happens while the journal decides", () =>
    Effect.gen(function* () {
      const ledger = yield* Ledger
      yield* take("a", 100n)
      const waiter = yield* startReserve("b", 90n)
      yield* TestClock.adjust("15 millis")
      yield* ledger.settle(settlement("a", 0n))
      yield* TestClock.adjust("100 millis")
      assert.isDefined(waiter.pollUnsafe(), "decided on as waiting before the end, and queued after it")
    }).pipe(Effect.provide(ledgerOver(layerJournalSlow)))
  )

  it.effect("hears of other processes' ends within 250 ms", () =>
    Effect.gen(function* () {
      const journal = yield* LedgerJournal
      yield* journal.admit([{ ...bound("theirs", 100n), budget: "run" }])
      const waiter = yield* startReserve("ours", 90n)
      yield* TestClock.adjust("10 seconds")
      assert.isUndefined(waiter.pollUnsafe())
      yield* journal.settle(settlement("theirs", 5n))
      yield* TestClock.adjust("250 millis")
      yield* Fiber.join(waiter)
    }).pipe(Effect.provide(ledgerOver(layerLedgerJournalMemory)))
  )

  it.effect("asks 4 times a second, however many ends it has heard", () => {
    let asked = 0
    const counting = layerJournalWith((journal) => ({
      admit: (requests) =>
        Effect.suspend(() => {
          asked += 1
          return journal.admit(requests)
        })
    }))
    return Effect.gen(function* () {
      const ledger = yield* Ledger
      yield* ledger.reserve(bound("long", 50n))
      for (let index = 0; index < 50; index += 1) yield* ledger.reserve(bound(`short${index}`, 1n))
      yield* startReserve("waiter", 90n)
      for (let index = 0; index < 50; index += 1) {
        yield* ledger.settle(settlement(`short${index}`, 0n))
        yield* settleDown
      }
      asked = 0
      yield* TestClock.adjust("10 seconds")
      assert.isAtMost(asked, 41)
      assert.isAtLeast(asked, 39)
    }).pipe(Effect.provide(ledgerOver(counting)))
  })

  it.effect("fails with the journal when it fails, and the next in line is served", () => {
    let broken = false
    const failing = layerJournalWith((journal) => ({
      admit: (requests) => (broken && requests[0]?.attemptId === "b" ? Effect.fail(diskFull) : journal.admit(requests))
    }))
    return Effect.gen(function* () {
      const ledger = yield* Ledger
      yield* ledger.reserve(bound("a", 100n))
      const b = yield* startReserve("b", 50n)
      const c = yield* startReserve("c", 50n)
      broken = true
      yield* ledger.settle(settlement("a", 0n))
      const error = yield* Effect.flip(Fiber.join(b))
      assert.strictEqual(error.message, "The credit ledger could not reserve: Error: disk full")
      yield* Fiber.join(c)
    }).pipe(Effect.provide(ledgerOver(failing)))
  })

  it.effect("does not hang when the journal breaks in a way nobody foresaw", () => {
    let broken = false
    const breaking = layerJournalWith((journal) => ({
      admit: (requests) => (broken ? Effect.die("bug") : journal.admit(requests))
    }))
    return Effect.gen(function* () {
      const ledger = yield* Ledger
      yield* ledger.reserve(bound("a", 100n))
      const waiter = yield* startReserve("b", 50n)
      broken = true
      yield* ledger.settle(settlement("a", 0n))
      yield* TestClock.adjust("1 second")
      assert.strictEqual(waiter.pollUnsafe()?._tag, "Failure")
    }).pipe(Effect.provide(ledgerOver(breaking)))
  })
})

describe("a charge over its bound", () => {
  it.effect("is booked in full and stops admission, while calls in flight finish", () =>
    Effect.gen(function* () {
      const ledger = yield* Ledger
      yield* ledger.reserve(bound("a", 10n))
      yield* ledger.reserve(bound("b", 20n))
      yield* ledger.settle(settlement("a", 11n))
      const error = yield* Effect.flip(ledger.reserve(bound("c", 1n)))
      assert.deepInclude(error, {
        _tag: "BoundBreach",
        attemptId: "a",
        provider: "simulator",
        bound: 10n,
        charged: 11n
      })
      yield* ledger.settle(settlement("b", 5n))
      assert.deepStrictEqual(yield* ledger.totals, totals({ settled: 16n }))
      assert.strictEqual((yield* Effect.flip(ledger.reserve(bound("d", 1n))))._tag, "BoundBreach")
    }).pipe(Effect.provide(ledgerOver(layerLedgerJournalMemory)))
  )

  it.effect("is told to all who wait for the budget, and leaves nothing reserved", () =>
    Effect.gen(function* () {
      const ledger = yield* Ledger
      yield* ledger.reserve(bound("a", 90n))
      const waiters = [yield* startReserve("b", 50n), yield* startReserve("c", 1n)]
      yield* ledger.settle(settlement("a", 91n))
      for (const waiter of waiters) {
        assert.strictEqual((yield* Effect.flip(Fiber.join(waiter)))._tag, "BoundBreach")
      }
      assert.deepStrictEqual(yield* ledger.totals, totals({ settled: 91n }))
    }).pipe(Effect.provide(ledgerOver(layerLedgerJournalMemory)))
  )

  it.effect("also stops a call that the journal admits at that very moment", () =>
    Effect.gen(function* () {
      const ledger = yield* Ledger
      yield* take("a", 10n)
      const late = yield* startReserve("b", 10n)
      yield* TestClock.adjust("15 millis")
      assert.strictEqual((yield* ledger.totals).reserved, 20n, "reserved on disk, and not yet told")
      yield* ledger.settle(settlement("a", 11n))
      yield* TestClock.adjust("10 millis")
      assert.strictEqual((yield* Effect.flip(Fiber.join(late)))._tag, "BoundBreach")
      assert.deepStrictEqual(yield* ledger.totals, totals({ settled: 11n }))
    }).pipe(Effect.provide(ledgerOver(layerJournalSlow)))
  )

  it.effect("at the bound to the last pico-credit is none", () =>
    Effect.gen(function* () {
      const ledger = yield* Ledger
      yield* ledger.reserve(bound("a", 10n))
      yield* ledger.settle(settlement("a", 10n))
      yield* ledger.reserve(bound("b", 10n))
    }).pipe(Effect.provide(ledgerOver(layerLedgerJournalMemory)))
  )
})

describe("ends", () => {
  it.effect("count once: what comes after is ignored", () =>
    Effect.gen(function* () {
      const ledger = yield* Ledger
      yield* ledger.reserve(bound("a", 50n))
      yield* ledger.settle(settlement("a", 20n))
      yield* ledger.settle(settlement("a", 20n))
      yield* ledger.hold(end("a"))
      yield* ledger.release(end("a"))
      yield* ledger.release(end("never reserved"))
      assert.deepStrictEqual(yield* ledger.totals, totals({ settled: 20n }))
    }).pipe(Effect.provide(ledgerOver(layerLedgerJournalMemory)))
  )

  it.effect("of an estimated charge keep the rest of the bound held, without doubting the key", () =>
    Effect.gen(function* () {
      const ledger = yield* Ledger
      const journal = yield* LedgerJournal
      yield* ledger.reserve(bound("a", 50n, "key"))
      yield* ledger.settle({ ...settlement("a", 20n), charge: { amount: 20n, source: "usage", held: 30n } })
      assert.deepStrictEqual(yield* ledger.totals, totals({ settled: 20n, held: 30n }))
      const [held] = yield* journal.held("run")
      assert.deepInclude(held, { attemptId: "a", key: "key", bound: 30n })
      yield* ledger.reserve(bound("b", 50n, "key"))
    }).pipe(Effect.provide(ledgerOver(layerLedgerJournalMemory)))
  )

  it.effect("leave the paid reply on record for its budget alone, whatever a later attempt brings", () =>
    Effect.gen(function* () {
      const ledger = yield* Ledger
      const journal = yield* LedgerJournal
      yield* ledger.reserve(bound("a", 50n, "key"))
      yield* ledger.settle(settlement("a", 20n))
      yield* ledger.reserve(bound("b", 50n, "key"))
      yield* ledger.release(end("b"))
      assert.strictEqual((yield* journal.settledReply("run", "key"))?.attemptId, "a")
      assert.isUndefined(yield* journal.settledReply("other", "key"))
      assert.isUndefined(yield* journal.settledReply("run", "other key"))
    }).pipe(Effect.provide(ledgerOver(layerLedgerJournalMemory)))
  )
})

const ledgerOver = (journal: Layer.Layer<LedgerJournal>) =>
  Ledger.layer({ budget: "run", limit }).pipe(Layer.provideMerge(journal))

const bound = (attemptId: string, amount: bigint, key = attemptId) => ({
  attemptId,
  key,
  kind: "answer" as const,
  provider: "simulator",
  model: "o3-mini",
  bound: amount,
  at: 0
})

const end = (attemptId: string): AttemptEnd => ({
  attemptId,
  budget: "run",
  number: 1,
  class: "Ambiguous",
  status: undefined,
  requestId: undefined,
  reason: "a test said so",
  sentAt: 0,
  latencyMillis: 0
})

const settlement = (attemptId: string, amount: bigint): Settlement => ({
  ...end(attemptId),
  class: "Answered",
  charge: { amount, source: "header", held: 0n },
  reply: { status: 200, headers: {}, body: "{}" }
})

const totals = (known: Partial<LedgerTotals>): LedgerTotals => ({
  limit,
  settled: 0n,
  reserved: 0n,
  held: 0n,
  ...known
})

/** Starts to reserve and lets all that can happen without time happen. */
const startReserve = Effect.fnUntraced(function* (id: string, amount: bigint, served: () => void = () => {}) {
  const ledger = yield* Ledger
  const fiber = yield* Effect.forkChild(Effect.tap(ledger.reserve(bound(id, amount)), Effect.sync(served)))
  yield* settleDown
  return fiber
})

const settleDown = TestClock.adjust(0)

/** Reserves over a journal that takes time for it. */
const take = Effect.fnUntraced(function* (id: string, amount: bigint) {
  const fiber = yield* startReserve(id, amount)
  yield* TestClock.adjust("50 millis")
  yield* Fiber.join(fiber)
})
