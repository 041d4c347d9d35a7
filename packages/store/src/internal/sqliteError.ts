import Database from "better-sqlite3"

/** SQLite's result code, as `SQLITE_BUSY`, or undefined for any other error. */
export const sqliteCode = (error: unknown): string | undefined =>
  error instanceof Database.SqliteError ? error.code : undefined

/** Another connection holds the lock; the same statement may succeed later. */
export const isBusy = (error: unknown): boolean => sqliteCode(error)?.startsWith("SQLITE_BUSY") === true

/** The disk or the file is at fault, not the statement: whatever else is in the transaction would fail alike. */
export const isDiskFailure = (error: unknown): boolean =>
  /^SQLITE_(FULL|IOERR|CORRUPT|NOTADB|NOMEM|READONLY|CANTOPEN)/.test(sqliteCode(error) ?? "")
