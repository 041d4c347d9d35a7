import { Effect } from "effect"
import { layerFileJournal } from "../../src/FileJournal.ts"
import { LedgerJournal } from "../../src/index.ts"
import { aReservation, aSettlement } from "../../src/testing.ts"

/** Has a journal open with one call settled and one in flight, says so and waits to be killed. */
const [file = ""] = process.argv.slice(2)

const program = Effect.gen(function* () {
  const journal = yield* LedgerJournal
  yield* journal.open("budget-1", 100n)
  yield* journal.admit([aReservation("a"), aReservation("b")])
  yield* journal.settle(aSettlement("a", 4n))
  process.stdout.write("ready\n")
  return yield* Effect.never
})

// Standard input, which is never closed, keeps the process alive while nothing happens in it.
process.stdin.resume()
await Effect.runPromise(Effect.provide(program, layerFileJournal({ file })))
