import { LedgerJournal } from "@assay/core"
import { RunStore } from "@assay/harness"
import { Clock, Context, Effect, Layer } from "effect"
import { DatabaseNotWritable, type DatabaseRefused } from "./DatabaseRefused.ts"
import { makeAttempts } from "./internal/Attempts.ts"
import { makeAppendTrial } from "./internal/appendTrial.ts"
import { makeBudgets } from "./internal/Budgets.ts"
import { makeLedgerStatements } from "./internal/LedgerStatements.ts"
import { makeLedgerJournal } from "./internal/ledgerJournal.ts"
import { leaseRenewal, makeOwners, type Owners } from "./internal/Owners.ts"
import { type OpenOptions, openDatabase, refusalOf } from "./internal/openDatabase.ts"
import { makeRunRows } from "./internal/RunRows.ts"
import { makeRunStore } from "./internal/runStore.ts"
import { makeWriter, type Writer } from "./internal/Writer.ts"

export interface StoreOptions {
  /** The database's path. Its folder is made where it is missing. */
  readonly file: string
  /** `read` never creates or migrates a file, and its writes fail. `write` by default. */
  readonly mode?: "write" | "read"
}

/**
 * Runs and ledger in one SQLite database with one writer. Writes of all callers share commits, and each caller resumes
 * when the commit that holds its write is on disk. Closing writes what still waits and gives back what this process owns.
 */
export const layerStore = ({
  file,
  mode = "write"
}: StoreOptions): Layer.Layer<RunStore | LedgerJournal, DatabaseRefused> =>
  Layer.effectContext(makeStore({ file, mode }))

/** @internal The store with what its tests need to choose. */
export const makeStore = Effect.fnUntraced(function* (options: OpenOptions) {
  const database = yield* openDatabase(options)
  const write = options.mode === "write"
  const runs = makeRunRows(database)
  const budgets = makeBudgets(database)
  const statements = makeLedgerStatements(database)
  const attempts = makeAttempts(database, statements)
  const { append, cache } = makeAppendTrial(database, attempts, runs.places)
  const owners = makeOwners(database)
  const writer = write
    ? yield* makeWriter({ database, file: options.file, owners, caches: [budgets, attempts, cache] })
    : refuseWrites(options.file)
  if (write) yield* own(options.file, owners, writer)

  return Context.make(RunStore, makeRunStore({ database, writer, owners, runs, appendTrial: append })).pipe(
    Context.add(LedgerJournal, makeLedgerJournal({ database, writer, statements, attempts, budgets, owners }))
  )
})

const refuseWrites = (file: string): Writer => ({
  commit: (_work, onFailure) => Effect.fail(onFailure(new DatabaseNotWritable({ file, why: "opened for reading" })))
})

/** Enters this process as an owner, renews its lease, and gives everything back when the scope closes. */
const own = Effect.fnUntraced(function* (file: string, owners: Owners, writer: Writer) {
  const commit = (work: (now: number) => void) =>
    Effect.flatMap(Clock.currentTimeMillis, (now) =>
      writer.commit(
        () => work(now),
        (cause) => refusalOf(file, cause)
      )
    )
  yield* commit(owners.enter)
  yield* Effect.sleep(leaseRenewal).pipe(
    Effect.andThen(Effect.ignore(commit(owners.renew))),
    Effect.forever,
    Effect.forkScoped
  )
  // When this fails, the end of the process tells the same.
  yield* Effect.addFinalizer(() => Effect.ignore(commit(owners.end)))
})
