import { StoreFailed } from "@assay/harness"
import { layerStore } from "@assay/store"
import { Effect, FileSystem } from "effect"
import { openLedgerTables } from "../credits/LedgerTables.ts"
import { failed, ok, warning } from "./Check.ts"

/** Whether the runs of a project can be read, are whole, and are the owner's alone. Writes nothing. */
export const checkDatabase = Effect.fnUntraced(function* ({
  file,
  shown
}: {
  readonly file: string
  readonly shown: string
}) {
  const files = yield* FileSystem.FileSystem
  if (!(yield* Effect.orElseSucceed(files.exists(file), () => false))) {
    return ok("database", `none yet; the first run makes ${shown}`)
  }
  const looked = Effect.gen(function* () {
    const ask = yield* openLedgerTables(file)
    const [integrity] = yield* ask<{ readonly quick_check: string }>("PRAGMA quick_check(1)")
    const [journal] = yield* ask<{ readonly journal_mode: string }>("PRAGMA journal_mode")
    const [runs] = yield* ask<{ readonly runs: bigint }>("SELECT count(*) AS runs FROM run")
    if (integrity?.quick_check !== "ok") {
      return failed(
        "database",
        `${shown} is damaged: ${integrity?.quick_check ?? "SQLite does not say how"}`,
        `keep a copy, then: sqlite3 ${shown} .recover`
      )
    }
    const mode =
      (yield* files
        .stat(file)
        .pipe(Effect.mapError((cause) => new StoreFailed({ operation: "look at its file", cause })))).mode & 0o777
    const detail = `${shown} is whole, with ${runs?.runs === 1n ? "1 run" : `${runs?.runs ?? 0} runs`}`
    if (journal?.journal_mode !== "wal") {
      return warning(
        "database",
        `${detail}, but keeps no write-ahead log (${journal?.journal_mode})`,
        "assay resume sets it again"
      )
    }
    if ((mode & 0o077) !== 0) {
      return warning("database", `${detail}, but others may read it (mode ${mode.toString(8)})`, `chmod 600 ${shown}`)
    }
    return ok("database", `${detail}, write-ahead log, mode ${mode.toString(8)}`)
  }).pipe(Effect.scoped, Effect.provide(layerStore({ file, mode: "read" })))
  return yield* looked.pipe(
    Effect.catch((error) =>
      Effect.succeed(
        error._tag === "DatabaseRefused"
          ? failed("database", error.found, error.fix)
          : failed("database", error.message, `keep a copy, then: sqlite3 ${shown} .recover`)
      )
    )
  )
})
