import { createRequire } from "node:module"
import { StoreFailed } from "@assay/harness"
import { Effect } from "effect"

/** A statement of the store's database. */
type Value = string | number | bigint | null
type Row = Readonly<Record<string, Value>>

/** What is used of better-sqlite3. */
interface Connection {
  readonly prepare: (sql: string) => {
    readonly safeIntegers: () => { readonly all: (...parameters: ReadonlyArray<Value>) => ReadonlyArray<Row> }
  }
  readonly close: () => void
}
type Open = new (file: string, options: { readonly readonly: boolean; readonly fileMustExist: boolean }) => Connection

/** Asks a question of the store's documented tables and views. Integers come as bigints, so no amount is rounded. */
export type AskTables = <A extends Row>(
  sql: string,
  ...parameters: ReadonlyArray<Value>
) => Effect.Effect<ReadonlyArray<A>, StoreFailed>

/**
 * The tables of a database, by a connection that cannot write, for as long as the scope lives. Open the store first: it
 * is what refuses files that are newer, foreign or no database.
 */
export const openLedgerTables = (file: string) =>
  Effect.map(
    Effect.acquireRelease(
      attempted(() => {
        const Sqlite = createRequire(import.meta.url)("better-sqlite3") as Open
        return new Sqlite(file, { readonly: true, fileMustExist: true })
      }),
      (connection) => Effect.sync(() => connection.close())
    ),
    (connection): AskTables =>
      <A extends Row>(sql: string, ...parameters: ReadonlyArray<Value>) =>
        attempted(
          () =>
            connection
              .prepare(sql)
              .safeIntegers()
              .all(...parameters) as ReadonlyArray<A>
        )
  )

const attempted = <A>(work: () => A) =>
  Effect.try({ try: work, catch: (cause) => new StoreFailed({ operation: "read the ledger", cause }) })
