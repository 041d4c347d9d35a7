import { Effect } from "effect"
import { layerFileJournal } from "../../src/FileJournal.ts"
import { LedgerJournal } from "../../src/index.ts"
import { aReservation, aSettlement, keyOf } from "../../src/testing.ts"

/** Buys without end, 16 at a time, and names each attempt only once its settlement is confirmed. */
const [file = ""] = process.argv.slice(2)

const program = Effect.gen(function* () {
  const journal = yield* LedgerJournal
  yield* journal.open("budget-1", 10n ** 15n)
  const buy = Effect.fnUntraced(function* (lane: number) {
    for (let count = 0; ; count++) {
      const name = `${lane}-${count}`
      yield* journal.admit([aReservation(name, { key: keyOf(name) })])
      yield* journal.settle(aSettlement(name, 3n))
      process.stdout.write(`${name}\n`)
    }
  })
  yield* Effect.forEach(
    Array.from({ length: 16 }, (_, lane) => lane),
    buy,
    { concurrency: "unbounded" }
  )
})

await Effect.runPromise(Effect.provide(program, layerFileJournal({ file })))
