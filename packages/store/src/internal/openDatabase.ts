import { closeSync, existsSync, openSync, readSync, statSync } from "node:fs"
import { dirname } from "node:path"
import Sqlite from "better-sqlite3"
import { Clock, Effect, Schema, type Scope } from "effect"
import { DatabaseLocked, DatabaseRefused } from "../DatabaseRefused.ts"
import { fileSystemType, keepPrivate, networkFileSystem, prepareFolder } from "./fileSystem.ts"
import { applicationId, migrate, versionOf } from "./migrate.ts"
import { migrations as allMigrations } from "./migrations/index.ts"
import type { Migration } from "./migrations/Migration.ts"
import { isBusy, sqliteCode } from "./sqliteError.ts"
import { whenFree } from "./whenFree.ts"

export type Mode = "write" | "read"

export interface OpenOptions {
  readonly file: string
  readonly mode: Mode
  /** What the schema is made of; all migrations, but in tests. */
  readonly migrations?: ReadonlyArray<Migration>
  /** Tells the `statfs` type of a folder. */
  readonly fileSystemType?: (folder: string) => number
}

/** Opens the database, brings its schema up to date and closes it with the scope. Waits up to 10 s for a lock. */
export const openDatabase = (options: OpenOptions): Effect.Effect<Sqlite.Database, DatabaseRefused, Scope.Scope> =>
  Effect.acquireRelease(
    Effect.flatMap(Clock.currentTimeMillis, (at) =>
      whenFree(() => openOnce(options, at)).pipe(Effect.mapError(({ cause }) => refusalOf(options.file, cause)))
    ),
    (database) => Effect.sync(() => database.close())
  )

const openOnce = (options: OpenOptions, at: number): Sqlite.Database => {
  const { file, mode, migrations = allMigrations } = options
  const exists = existsSync(file)
  if (mode === "read" && !exists) throw refuseAbsent(file)
  if (!exists) prepareFolder(file)
  const network = networkFileSystem((options.fileSystemType ?? fileSystemType)(dirname(file)))
  if (network !== undefined) throw refuseNetwork(file, network)
  const newest = migrations.at(-1)?.version ?? 0
  // The bytes are read before SQLite is let near the file, for it may write to what it opens.
  if (exists) checkHeader(file, newest)
  if (exists) checkByReading(file, newest)
  if (mode === "write") keepPrivate(file)

  const database = new Sqlite(file, { timeout: 0, fileMustExist: true, readonly: mode === "read" })
  try {
    if (mode === "write") {
      database.pragma("journal_mode = WAL")
      database.pragma("synchronous = FULL")
      database.pragma("foreign_keys = ON")
      // 16 MB of pages stay in memory, and as many gather in the log before they are moved, so hot ones move once.
      database.pragma("cache_size = -16384")
      database.pragma("wal_autocheckpoint = 4096")
      database.pragma("temp_store = MEMORY")
      migrate(database, { file, migrations, at })
    } else if (versionOf(database) < newest) {
      throw refuseOlder(file)
    }
    return database
  } catch (error) {
    database.close()
    throw error
  }
}

const magic = "SQLite format 3\0"
const versionOffset = 60

/** Refuses what the first bytes already tell; an empty file is a database that nothing was written to. */
const checkHeader = (file: string, newest: number): void => {
  const size = statSync(file).size
  if (size === 0) return
  const header = Buffer.alloc(100)
  const descriptor = openSync(file, "r")
  try {
    readSync(descriptor, header, 0, header.length, 0)
  } finally {
    closeSync(descriptor)
  }
  if (header.toString("latin1", 0, magic.length) !== magic) throw refuseNotADatabase(file)
  const version = header.readUInt32BE(versionOffset)
  if (version > newest) throw refuseNewer(file, version, newest)
}

/**
 * The same questions to SQLite, which also reads what is still in the write-ahead log, by a connection that cannot write:
 * another one would move the log into the file when it is closed.
 */
const checkByReading = (file: string, newest: number): void => {
  const database = new Sqlite(file, { timeout: 0, fileMustExist: true, readonly: true })
  try {
    const version = versionOf(database)
    const ours = Number(database.pragma("application_id", { simple: true })) === applicationId
    const empty = database.prepare("SELECT 1 FROM sqlite_schema LIMIT 1").get() === undefined
    if (!ours && !(empty && version === 0)) throw refuseForeign(file)
    if (version > newest) throw refuseNewer(file, version, newest)
  } finally {
    database.close()
  }
}

const refuseAbsent = (file: string) =>
  new DatabaseRefused({
    file,
    reason: "Absent",
    found: `There is no store at ${file}.`,
    fix: "Start a run here first, or name the folder of the project that has one."
  })

const refuseNewer = (file: string, version: number, newest: number) =>
  new DatabaseRefused({
    file,
    reason: "Newer",
    found: `${file} was written by a newer Assay (schema ${version}; this one knows ${newest}).`,
    fix: "Update Assay, or use another file."
  })

const refuseOlder = (file: string) =>
  new DatabaseRefused({
    file,
    reason: "Failed",
    found: `${file} was written by an older Assay, and reading does not migrate.`,
    fix: "Start or resume a run once, which migrates it after making a backup."
  })

const refuseNotADatabase = (file: string) =>
  new DatabaseRefused({
    file,
    reason: "NotADatabase",
    found: `${file} is not a SQLite database.`,
    fix: "Move it away, or use another file."
  })

const refuseForeign = (file: string) =>
  new DatabaseRefused({
    file,
    reason: "Foreign",
    found: `${file} is a database of another program.`,
    fix: "Use another file."
  })

const refuseNetwork = (file: string, network: string) =>
  new DatabaseRefused({
    file,
    reason: "NetworkFileSystem",
    found: `${file} is on a network file system (${network}), whose locks cannot be trusted with a ledger.`,
    fix: "Keep the store on a local disk."
  })

const isRefusal = Schema.is(DatabaseRefused)
const isLocked = Schema.is(DatabaseLocked)

/** What a person is told when a database cannot be used. */
export const refusalOf = (file: string, error: unknown): DatabaseRefused => {
  if (isRefusal(error)) return error
  if (sqliteCode(error) === "SQLITE_NOTADB") return refuseNotADatabase(file)
  if (isBusy(error) || isLocked(error)) {
    return new DatabaseRefused({
      file,
      reason: "Locked",
      found: `Another program has held the write lock of ${file} for 10 s.`,
      fix: "End that program, or the transaction it left open, and try again."
    })
  }
  return new DatabaseRefused({
    file,
    reason: "Failed",
    found: `${file} could not be opened: ${error instanceof Error ? error.message : String(error)}.`,
    fix: "See that the folder can be written and the disk has room."
  })
}
