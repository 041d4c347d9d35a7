import { join } from "node:path"
import { LedgerJournal } from "@assay/core"
import { RunStore } from "@assay/harness"
import { assert, describe, it } from "@effect/vitest"
import Database from "better-sqlite3"
import { Effect } from "effect"
import { layerStore } from "../src/index.ts"
import { type Child, startChild } from "./childProcess.ts"
import { assertLedgerAddsUp } from "./ledgerAddsUp.ts"
import { anEnd, aReservation, aSettlement, keyOf } from "./records.ts"
import { temporaryFolder } from "./temporaryFolder.ts"

const temporaryFile = Effect.map(temporaryFolder, (folder) => join(folder, ".assay", "assay.db"))

describe("a store that a killed process left", () => {
  it.live("holds what was in flight, and has the reply that was paid for", () =>
    Effect.gen(function* () {
      const file = yield* temporaryFile
      const child = yield* startChild("reserveThenWait.ts", file)
      assert.strictEqual(yield* child.nextLine, "ready")
      yield* child.kill

      yield* Effect.gen(function* () {
        const journal = yield* LedgerJournal
        const totals = yield* journal.open("budget-1", 100n)
        assert.deepStrictEqual(totals, { limit: 100n, settled: 4n, reserved: 0n, held: 20n })
        const held = yield* journal.held("budget-1")
        assert.deepStrictEqual(
          held.map(({ attemptId, bound }) => [attemptId, bound]),
          [
            ["b", 10n],
            ["c", 10n]
          ]
        )
        assert.include(held[0]?.reason, "ended before its reply was on record")
        assert.strictEqual((yield* journal.settledReply("budget-1", keyOf("a")))?.charge.amount, 4n)
        const [decision] = yield* journal.admit([aReservation("d", { key: keyOf("b") })])
        assert.deepStrictEqual(decision, { _tag: "InDoubt", attemptId: "b", bound: 10n })

        const store = yield* RunStore
        assert.strictEqual((yield* store.findRun())?.status, "interrupted")
        assert.deepStrictEqual(
          (yield* store.sampleTrials("run00001", "jars")).map(({ trial }) => [trial.attemptId, trial.output]),
          [["a", "84"]]
        )
        yield* store.reopenRun("run00001", 100n)
        assert.strictEqual((yield* store.findRun())?.status, "running")
      }).pipe(Effect.provide(layerStore({ file })))
      assertLedgerAddsUp(file)
    })
  )

  it.live("has every reply that was confirmed before the kill", () =>
    Effect.gen(function* () {
      const file = yield* temporaryFile
      const child = yield* startChild("buyAndConfirm.ts", file)
      const confirmed: Array<string> = []
      while (confirmed.length < 500) confirmed.push(yield* child.nextLine)
      yield* child.kill

      yield* Effect.gen(function* () {
        const journal = yield* LedgerJournal
        const totals = yield* journal.open("budget-1", 10n ** 15n)
        assert.strictEqual(totals.reserved, 0n)
        for (const name of confirmed) {
          assert.strictEqual((yield* journal.settledReply("budget-1", keyOf(name)))?.attemptId, name)
        }
      }).pipe(Effect.provide(layerStore({ file })))
      assertLedgerAddsUp(file)
    })
  )
})

describe("a store that two processes write", () => {
  it.live("says whose run and whose call it is, while the other process lives", () =>
    Effect.gen(function* () {
      const file = yield* temporaryFile
      const child = yield* startChild("reserveThenWait.ts", file)
      assert.strictEqual(yield* child.nextLine, "ready")
      yield* Effect.gen(function* () {
        const journal = yield* LedgerJournal
        const store = yield* RunStore
        const totals = yield* journal.open("budget-1", 100n)
        assert.deepStrictEqual(totals, { limit: 100n, settled: 4n, reserved: 20n, held: 0n })
        const claimed = { _tag: "Claimed", attemptId: "b", owner: String(child.pid) } as const
        assert.deepStrictEqual(yield* journal.admit([aReservation("d", { key: keyOf("b") })]), [claimed])
        assert.deepStrictEqual(
          yield* journal.admit([aReservation("d", { key: keyOf("b"), budget: "budget-2", bound: 0n })]),
          [claimed]
        )
        const failure = yield* Effect.flip(store.reopenRun("run00001", 1n))
        assert.strictEqual(failure.message, `Process ${child.pid} is writing run run00001.`)
        assert.strictEqual((yield* store.findRun())?.status, "running")

        yield* journal.admit([aReservation("e", { bound: 70n })])
        assert.deepStrictEqual(yield* journal.admit([aReservation("f")]), [{ _tag: "Wait" }])
        yield* child.kill
        // Nobody opened the budget again: whoever waits for a dead process finds out by itself.
        yield* journal.release(anEnd("e"))
        yield* journal.admit([aReservation("g", { bound: 76n })])
        assert.deepStrictEqual(yield* journal.admit([aReservation("h", { bound: 1n })]), [{ _tag: "Wait" }])
        assert.strictEqual((yield* journal.totals("budget-1")).held, 20n)
      }).pipe(Effect.provide(layerStore({ file })))
      assertLedgerAddsUp(file)
    })
  )

  it.live(
    "never passes a budget that both spend",
    () =>
      Effect.gen(function* () {
        const file = yield* temporaryFile
        // Large enough for a second: a process may be some tenths of one late.
        const limit = 14_000n
        yield* Effect.gen(function* () {
          yield* (yield* LedgerJournal).open("budget-1", limit)
        }).pipe(Effect.provide(layerStore({ file })))

        const children = yield* Effect.all([
          startChild("spendBudget.ts", file, "left"),
          startChild("spendBudget.ts", file, "right")
        ])
        for (const child of children) assert.strictEqual(yield* child.nextLine, "ready")
        for (const child of children) yield* child.say("go")
        const [left = 0n, right = 0n] = yield* Effect.forEach(children, (child) => Effect.map(child.nextLine, BigInt))

        const database = new Database(file, { readonly: true })
        const settled = database.prepare("SELECT settled_pico_credits FROM budget").pluck().get()
        database.close()
        assert.strictEqual(left + right, BigInt(Number(settled)))
        // What is left is less than one bound: each process spent until nothing more fitted.
        assert.isTrue(left + right <= limit && left + right > limit - 10n, `${left} and ${right}`)
        assert.isTrue(left > 0n && right > 0n, `${left} and ${right}`)
        assertLedgerAddsUp(file)
      }),
    60_000
  )

  it.live(
    "goes on at once when the other one is killed, passes no budget, and covers what both were charged",
    () =>
      Effect.gen(function* () {
        const file = yield* temporaryFile
        const limit = 14_000n
        const start = (label: string) => startChild("spendUntilRefused.ts", file, label, String(limit))
        let charged = 0n
        const hear = Effect.fnUntraced(function* (child: Child, lines: number) {
          for (let line = 0; line < lines; line++) {
            assert.strictEqual(yield* child.nextLine, "charged 7")
            charged += 7n
          }
        })
        const victim = yield* start("victim")
        yield* hear(victim, 30)
        const survivor = yield* start("survivor")
        yield* hear(survivor, 30)
        yield* victim.kill
        charged += 7n * BigInt((yield* victim.rest).length)
        // What the dead one had reserved is in the way of the last calls until it is held: less long than the lease.
        const lines = yield* Effect.timeout(survivor.rest, "60 seconds")
        assert.strictEqual(lines.at(-1), "done")
        charged += 7n * BigInt(lines.length - 1)

        const { settled, reserved, held } = yield* Effect.flatMap(LedgerJournal, (journal) =>
          journal.open("budget-1", limit)
        ).pipe(Effect.provide(layerStore({ file })))
        assert.strictEqual(reserved, 0n)
        assert.isTrue(settled + held <= limit, `I1: ${settled} and ${held}`)
        assert.isTrue(settled + held >= charged, `I2: ${settled} and ${held} for ${charged}`)
        assert.isTrue(settled + held > limit - 10n, "the survivor spends all that is left")
        assertLedgerAddsUp(file)
      }),
    90_000
  )

  it.live("takes back the reservations of a store that was closed in the same process", () =>
    Effect.gen(function* () {
      const file = yield* temporaryFile
      const journalOf = <A, E>(use: (journal: LedgerJournal["Service"]) => Effect.Effect<A, E>) =>
        Effect.provide(Effect.flatMap(LedgerJournal, use), layerStore({ file }), { local: true })
      yield* journalOf((journal) =>
        Effect.andThen(journal.open("budget-1", 100n), journal.admit([aReservation("a"), aReservation("b")]))
      )
      yield* journalOf((journal) => journal.settle(aSettlement("a", 4n)))
      const totals = yield* journalOf((journal) => journal.open("budget-1", 100n))
      assert.deepStrictEqual(totals, { limit: 100n, settled: 4n, reserved: 0n, held: 10n })
      assertLedgerAddsUp(file)
    })
  )
})
