import { closeSync, fsyncSync, openSync } from "node:fs"
import type { Database } from "better-sqlite3"
import { DateTime } from "effect"
import { keepPrivate } from "./fileSystem.ts"
import type { Migration } from "./migrations/Migration.ts"

/** "Assy", in the header of each of our files; it tells them from databases of other programs. */
export const applicationId = 0x41737379

export const versionOf = (database: Database): number => Number(database.pragma("user_version", { simple: true }))

/**
 * Brings the schema to the newest version in one transaction, after a copy of a database that holds something was made
 * beside it. Gives the copy's path, if one was made. Throws `SQLITE_BUSY` while another process writes.
 */
export const migrate = (
  database: Database,
  options: { readonly file: string; readonly migrations: ReadonlyArray<Migration>; readonly at: number }
): string | undefined => {
  const newest = options.migrations.at(-1)?.version ?? 0
  const from = versionOf(database)
  if (from >= newest) return undefined
  const backup = from === 0 ? undefined : backUp(database, options.file, from, options.at)
  database.exec("BEGIN IMMEDIATE")
  try {
    // Another process may have migrated while this one waited for the lock.
    const current = versionOf(database)
    for (const { version, sql } of options.migrations) {
      if (version > current) database.exec(sql)
    }
    database.pragma(`application_id = ${applicationId}`)
    database.pragma(`user_version = ${Math.max(newest, current)}`)
    database.exec("COMMIT")
  } catch (error) {
    if (database.inTransaction) database.exec("ROLLBACK")
    throw error
  }
  return backup
}

const backUp = (database: Database, file: string, version: number, at: number): string => {
  const stamp = DateTime.formatIso(DateTime.makeUnsafe(at)).replace(/[-:.]/g, "")
  const backup = `${file}.v${version}-${stamp}.backup`
  keepPrivate(backup)
  database.prepare("VACUUM INTO ?").run(backup)
  const descriptor = openSync(backup, "r+")
  fsyncSync(descriptor)
  closeSync(descriptor)
  return backup
}
