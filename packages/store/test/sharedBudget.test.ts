import { statSync } from "node:fs"
import { join } from "node:path"
import { LedgerJournal, type LedgerTotals } from "@assay/core"
import { assert, describe, it } from "@effect/vitest"
import { ConfigProvider, Context, Effect, Layer, Redacted } from "effect"
import {
  dayBudget,
  keyBudget,
  keyFingerprint,
  layerSharedBudget,
  layerStore,
  type SharedBudget,
  stateFolder
} from "../src/index.ts"
import { type Child, startChild } from "./childProcess.ts"
import { assertLedgerAddsUp } from "./ledgerAddsUp.ts"
import { ledgerJournalContract } from "./ledgerJournalContract.ts"
import { anEnd, aReservation, aSettlement, keyOf } from "./records.ts"
import { temporaryFolder } from "./temporaryFolder.ts"

const key = (limit: bigint) => keyBudget({ fingerprint: "3f", limit })

const layerGuarded = (folder: string, budgets: ReadonlyArray<SharedBudget>, run = "run.db") =>
  layerSharedBudget({ file: join(folder, "ledger.db"), budgets }).pipe(
    Layer.provide(layerStore({ file: join(folder, run) }))
  )

const ample = 2n ** 62n
ledgerJournalContract(
  "layerSharedBudget",
  Layer.unwrap(Effect.map(temporaryFolder, (folder) => layerGuarded(folder, [dayBudget(ample), key(ample)]))),
  5
)

/** The journal of a run under shared budgets, and the shared ledger seen from another process's place. */
const guarded = Effect.fnUntraced(function* (budgets: ReadonlyArray<SharedBudget>, limit = 1_000n) {
  const folder = yield* temporaryFolder
  const journal = Context.get(yield* Layer.build(layerGuarded(folder, budgets)), LedgerJournal)
  const shared = Context.get(yield* Layer.build(layerStore({ file: join(folder, "ledger.db") })), LedgerJournal)
  yield* journal.open("budget-1", limit)
  return { folder, journal, shared }
})

const today = "day 1970-01-01"
const bound = ({ settled, reserved, held }: LedgerTotals) => settled + reserved + held

describe("shared budgets", () => {
  it.effect("refuse what the run could pay, and say which of them is too small", () =>
    Effect.gen(function* () {
      const { journal, shared } = yield* guarded([dayBudget(15n), key(100n)])
      yield* journal.admit([aReservation("a")])
      yield* journal.settle(aSettlement("a", 9n))
      assert.deepStrictEqual(yield* journal.admit([aReservation("b")]), [
        { _tag: "Exhausted", budget: today, totals: { limit: 15n, settled: 9n, reserved: 0n, held: 0n } }
      ])
      assert.deepStrictEqual(yield* journal.admit([aReservation("c", { bound: 6n })]), [{ _tag: "Admitted" }])
      assert.strictEqual((yield* shared.totals("key 3f")).settled, 9n)
    })
  )

  it.effect("reserve all or none, whichever of them refuses, or the run", () =>
    Effect.gen(function* () {
      const { journal, shared } = yield* guarded([dayBudget(50n), key(20n)], 15n)
      yield* journal.admit([aReservation("a")])
      // The run refuses.
      const [refused] = yield* journal.admit([aReservation("b")])
      assert.deepStrictEqual(refused, { _tag: "Wait" })
      // The key refuses after the day has reserved.
      yield* journal.open("budget-1", 1_000n)
      const [second] = yield* journal.admit([aReservation("c", { bound: 11n })])
      assert.deepStrictEqual(second, { _tag: "Wait" })
      // The run claims the key of a call in flight.
      const [claimed] = yield* journal.admit([aReservation("d", { key: keyOf("a"), bound: 1n })])
      assert.strictEqual(claimed?._tag, "Claimed")
      for (const budget of [today, "key 3f"]) assert.strictEqual((yield* shared.totals(budget)).reserved, 10n)
      assert.strictEqual((yield* journal.totals("budget-1")).reserved, 10n)
    })
  )

  it.effect("decide several requests at once", () =>
    Effect.gen(function* () {
      const { journal, shared } = yield* guarded([dayBudget(25n), key(100n)])
      const names = ["a", "b", "c", "d"]
      const decisions = yield* journal.admit(
        names.map((name) => aReservation(name, { bound: name === "c" ? 40n : 10n }))
      )
      assert.deepStrictEqual(
        decisions.map(({ _tag }) => _tag),
        ["Admitted", "Admitted", "Exhausted", "Wait"]
      )
      assert.strictEqual((yield* shared.totals("key 3f")).reserved, 20n)
    })
  )

  it.effect("follow what becomes of a call: settled, released, held, resolved", () =>
    Effect.gen(function* () {
      const { folder, journal, shared } = yield* guarded([dayBudget(1_000n), key(1_000n)])
      yield* journal.admit(["a", "b", "c", "d"].map((name) => aReservation(name)))
      yield* journal.settle(aSettlement("a", 4n))
      yield* journal.release(anEnd("b"))
      yield* journal.hold(anEnd("c"))
      yield* journal.settle(aSettlement("d", 2n, { charge: { amount: 2n, source: "usage", held: 8n } }))
      const expected = { limit: 1_000n, settled: 6n, reserved: 0n, held: 18n }
      for (const budget of [today, "key 3f"]) assert.deepStrictEqual(yield* shared.totals(budget), expected)
      assert.deepStrictEqual(yield* journal.totals("budget-1"), expected)
      assert.isTrue(yield* journal.resolve("c", { settlement: aSettlement("c", 5n) }))
      assert.isTrue(yield* journal.resolve("d", "not-charged"))
      for (const budget of [today, "key 3f"]) {
        assert.deepStrictEqual(yield* shared.totals(budget), { limit: 1_000n, settled: 11n, reserved: 0n, held: 0n })
      }
      assertLedgerAddsUp(join(folder, "ledger.db"))
    })
  )

  it.effect("begin a new day at midnight UTC, and charge a call to the day it was reserved on", () =>
    Effect.gen(function* () {
      const { journal, shared } = yield* guarded([dayBudget(10n)])
      const midnight = Date.UTC(2026, 10, 24)
      yield* journal.admit([aReservation("a", { at: midnight - 1 })])
      const [sameDay] = yield* journal.admit([aReservation("b", { at: midnight - 1 })])
      assert.strictEqual(sameDay?._tag, "Wait")
      const [nextDay] = yield* journal.admit([aReservation("c", { at: midnight })])
      assert.strictEqual(nextDay?._tag, "Admitted")
      yield* journal.settle(aSettlement("a", 7n, { sentAt: midnight + 5_000 }))
      assert.strictEqual((yield* shared.totals("day 2026-11-23")).settled, 7n)
      assert.strictEqual((yield* shared.totals("day 2026-11-24")).reserved, 10n)
    })
  )

  it.effect("keep no reply and nothing of the request but amounts, provider and model", () =>
    Effect.gen(function* () {
      const { journal, shared } = yield* guarded([dayBudget(100n)])
      yield* journal.admit([aReservation("a")])
      yield* journal.settle(aSettlement("a", 4n))
      const settled = yield* shared.settledReply(today, "a/day")
      assert.deepStrictEqual(settled?.reply, { status: 200, headers: {}, body: "" })
      assert.strictEqual((yield* journal.settledReply("budget-1", keyOf("a")))?.reply.status, 200)
    })
  )

  it.live("hold together with the run's own budget at any concurrency, in 20 random schedules", () =>
    Effect.forEach(
      Array.from({ length: 20 }, (_, index) => index + 1),
      (seed) =>
        Effect.gen(function* () {
          const luck = makeLuck(seed)
          const limits = { day: BigInt(luck(400)), key: BigInt(luck(400)), run: BigInt(luck(400)) }
          const { folder, journal, shared } = yield* guarded([dayBudget(limits.day), key(limits.key)], limits.run)
          let charged = 0n
          const within = Effect.gen(function* () {
            assert.isTrue(bound(yield* journal.totals("budget-1")) <= limits.run, `I1 of the run, seed ${seed}`)
            for (const [id, limit] of [
              [today, limits.day],
              ["key 3f", limits.key]
            ] as const) {
              assert.isTrue(bound(yield* shared.totals(id)) <= limit, `I1 of ${id}, seed ${seed}`)
            }
          })
          const buy = Effect.fnUntraced(function* (index: number) {
            const name = `${seed}-${index}`
            const amount = BigInt(1 + luck(30))
            const [decision] = yield* journal.admit([aReservation(name, { bound: amount, key: keyOf(name) })])
            yield* within
            if (decision?._tag !== "Admitted") return
            const share = luck(4)
            if (share === 0) return yield* journal.release(anEnd(name))
            if (share === 1) return yield* journal.hold(anEnd(name))
            charged += amount
            return yield* journal.settle(aSettlement(name, amount))
          })
          yield* Effect.forEach(
            Array.from({ length: 60 }, (_, index) => index),
            buy,
            { concurrency: 1 + luck(32), discard: true }
          )
          yield* within
          const run = yield* journal.totals("budget-1")
          assert.strictEqual(run.settled, charged)
          for (const id of [today, "key 3f"]) {
            const { settled, reserved, held } = yield* shared.totals(id)
            assert.deepStrictEqual([settled, reserved, held], [run.settled, 0n, run.held], `seed ${seed}`)
          }
          assertLedgerAddsUp(join(folder, "ledger.db"))
        }).pipe(Effect.scoped),
      { discard: true }
    )
  )

  it.live(
    "are not passed by processes that are killed, and cover what they were charged",
    () =>
      Effect.gen(function* () {
        const folder = yield* temporaryFolder
        const dayLimit = 4_000n
        const shared = join(folder, "ledger.db")
        const start = (label: string) =>
          startChild("spendUntilRefused.ts", join(folder, `${label}.db`), label, "1000000", shared, String(dayLimit))
        let charged = 0n
        const listen = Effect.fnUntraced(function* (child: Child, lines: number) {
          for (let line = 0; line < lines; line++) {
            if ((yield* child.nextLine) === "done") return
            charged += 7n
          }
        })
        const first = yield* Effect.all([start("one"), start("two"), start("three")])
        yield* Effect.forEach(first, (child, index) => Effect.andThen(listen(child, 40 + 20 * index), child.kill), {
          concurrency: "unbounded"
        })
        // What they printed while they were being killed counts as well.
        for (const child of first) charged += 7n * BigInt((yield* child.rest).length)
        const last = yield* start("four")
        yield* listen(last, Number.POSITIVE_INFINITY)

        const { settled, reserved, held } = yield* readShared(shared, dayLimit)
        assert.strictEqual(reserved, 0n)
        assert.isTrue(settled + held <= dayLimit, "I1")
        assert.isTrue(settled + held >= charged, `I2: ${settled} and ${held} for ${charged}`)
        assert.isTrue(settled + held > dayLimit - 10n, "the survivor spends all that is left")
        assertLedgerAddsUp(shared)
        for (const label of ["one", "two", "three", "four"]) assertLedgerAddsUp(join(folder, `${label}.db`))
      }),
    60_000
  )
})

/** The totals of the day on which the processes said they were spending. */
const readShared = (file: string, limit: bigint) =>
  Effect.flatMap(LedgerJournal, (journal) => journal.open(today, limit)).pipe(Effect.provide(layerStore({ file })))

describe("keyFingerprint", () => {
  it.effect("tells keys apart, the same way each time, and differently for each user", () =>
    Effect.gen(function* () {
      const folder = join(yield* temporaryFolder, "assay")
      const other = yield* temporaryFolder
      const print = (value: string, at = folder) => keyFingerprint({ folder: at, key: Redacted.make(value) })
      const [first, again, second, elsewhere] = yield* Effect.all([
        print("SG_1"),
        print("SG_1"),
        print("SG_2"),
        print("SG_1", other)
      ])
      assert.match(first, /^[0-9a-f]{32}$/)
      assert.strictEqual(again, first)
      assert.strictEqual(new Set([first, second, elsewhere]).size, 3)
      assert.strictEqual(statSync(join(folder, "fingerprint.key")).mode & 0o777, 0o600)
    })
  )
})

describe("stateFolder", () => {
  it.effect.each([
    ["/home/x/state", "/home/x/state/assay"],
    ["relative", ".local/state/assay"],
    [undefined, ".local/state/assay"]
  ] as const)("is, for XDG_STATE_HOME=%s, %s", ([home, expected]) =>
    Effect.gen(function* () {
      const folder = yield* stateFolder
      assert.isTrue(folder.endsWith(expected), folder)
    }).pipe(
      Effect.provideService(
        ConfigProvider.ConfigProvider,
        ConfigProvider.fromUnknown(home === undefined ? {} : { XDG_STATE_HOME: home })
      )
    )
  )
})

const makeLuck = (seed: number) => {
  let state = seed >>> 0
  return (below: number): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
}
