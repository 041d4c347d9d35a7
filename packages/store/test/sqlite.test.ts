import { join } from "node:path"
import { LedgerJournal } from "@assay/core"
import { RunStore } from "@assay/harness"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { layerStore } from "../src/index.ts"
import { ledgerJournalContract } from "./ledgerJournalContract.ts"
import { aPrompt, aReservation, aRun, aSettlement, aTrial, keyOf, someSamples } from "./records.ts"
import { runStoreContract } from "./runStoreContract.ts"
import { temporaryFolder } from "./temporaryFolder.ts"

const layerFresh = Layer.unwrap(Effect.map(temporaryFolder, (folder) => layerStore({ file: join(folder, "assay.db") })))

/** Every step of a schedule is a durable commit: 20 schedules take seconds. ASSAY_LONG is 1 for 1,000. */
// @effect-diagnostics-next-line processEnv:off -- tests are named at load time, before any Effect could read it.
const seedCount = process.env["ASSAY_LONG"] === "1" ? 1000 : 20

ledgerJournalContract("layerStore", layerFresh, seedCount)
runStoreContract("layerStore", layerFresh)

describe("layerStore", () => {
  it.effect("has all that it confirmed when it is opened again", () =>
    Effect.gen(function* () {
      const file = join(yield* temporaryFolder, "assay.db")
      const first = Effect.gen(function* () {
        const journal = yield* LedgerJournal
        const store = yield* RunStore
        yield* store.createRun(aRun(), someSamples)
        yield* journal.open("run00001", 100n)
        yield* journal.admit([aReservation("a", { budget: "run00001" })])
        yield* journal.settle(aSettlement("a", 4n, { budget: "run00001" }))
        yield* store.finishRun("run00001", "interrupted", 30_000)
      })
      yield* Effect.provide(first, layerStore({ file }), { local: true })
      const second = Effect.gen(function* () {
        const journal = yield* LedgerJournal
        const store = yield* RunStore
        yield* store.reopenRun("run00001", 5n)
        // The trial of a reply that an earlier process bought.
        const settled = yield* journal.settledReply("run00001", keyOf("a"))
        yield* store.appendTrial("run00001", aTrial({ attemptId: settled?.attemptId }), aPrompt())
        assert.deepStrictEqual((yield* store.sampleTrials("run00001", "jars"))[0]?.trial, aTrial({ attemptId: "a" }))
        assert.deepStrictEqual(yield* journal.totals("run00001"), { limit: 100n, settled: 4n, reserved: 0n, held: 0n })
      })
      yield* Effect.provide(second, layerStore({ file }), { local: true })
    })
  )

  it.effect("finds replies that another store on the same file has settled", () =>
    Effect.gen(function* () {
      const file = join(yield* temporaryFolder, "assay.db")
      const outer = Effect.gen(function* () {
        const journal = yield* LedgerJournal
        yield* journal.open("budget-1", 100n)
        assert.isUndefined(yield* journal.settledReply("budget-1", keyOf("a")))
        const inner = Effect.gen(function* () {
          const other = yield* LedgerJournal
          yield* other.admit([aReservation("a")])
          yield* other.settle(aSettlement("a", 4n))
        })
        yield* Effect.provide(inner, layerStore({ file }), { local: true })
        assert.strictEqual((yield* journal.settledReply("budget-1", keyOf("a")))?.attemptId, "a")
      })
      yield* Effect.provide(outer, layerStore({ file }), { local: true })
    })
  )

  it.effect("refuses a limit that SQLite cannot count, and fails nobody else by it", () =>
    Effect.gen(function* () {
      const journal = yield* LedgerJournal
      const [tooLarge, largest] = yield* Effect.all(
        [Effect.flip(journal.open("budget-1", 2n ** 63n)), journal.open("budget-2", 2n ** 63n - 1n)],
        { concurrency: "unbounded" }
      )
      assert.include(tooLarge.message, "a budget can have at most 9223372 credits")
      assert.strictEqual(largest.limit, 2n ** 63n - 1n)
      assert.strictEqual((yield* journal.totals("budget-1")).limit, 0n)
    }).pipe(Effect.provide(layerFresh))
  )
})
