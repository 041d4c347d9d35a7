import { hostname } from "node:os"
import type { Database } from "better-sqlite3"
import { processStart } from "./processStart.ts"

/** How often an open store renews its lease. */
export const leaseRenewal = "15 seconds"
/** A process on another host is dead when it has not renewed its lease for eight renewals. */
const leaseMillis = 120_000

interface OwnerRow {
  readonly id: number
  readonly pid: number
  readonly process_start: number | null
  readonly host: string
  readonly seen_at: number
  readonly ended_at: number | null
}

/** The processes that write this database; reservations and runs name the one they belong to. */
export interface Owners {
  /** This process's own row; 0, which nothing has, until it has entered. */
  readonly self: number
  /** How a person finds this process: its pid. */
  readonly selfName: string
  /** Enters this process, inside a transaction. A store that was opened for reading enters none and owns nothing. */
  enter(now: number): void
  /** The owner, if it is another one and lives at `now` (UTC milliseconds). */
  livingOther(id: number, now: number): LivingOwner | undefined
  /** The other owners that live. */
  livingOthers(now: number): ReadonlyArray<LivingOwner>
  /** To be called inside a transaction. */
  renew(now: number): void
  /** Gives everything back, inside a transaction: what is still reserved is in doubt from now on. */
  end(now: number): void
}

export interface LivingOwner {
  readonly pid: number
  /** How a person finds it: the pid, with its host when that is another one. */
  readonly name: string
}

export const makeOwners = (database: Database): Owners => {
  const host = hostname()
  const columns = "id, pid, process_start, host, seen_at, ended_at"
  const find = database.prepare<[number], OwnerRow>(`SELECT ${columns} FROM owner WHERE id = ?`)
  const findOpen = database.prepare<[], OwnerRow>(`SELECT ${columns} FROM owner WHERE ended_at IS NULL`)
  const insert = database.prepare(
    "INSERT INTO owner (pid, process_start, host, started_at, seen_at) VALUES (?, ?, ?, ?, ?)"
  )
  const renew = database.prepare("UPDATE owner SET seen_at = ? WHERE id = ?")
  const end = database.prepare("UPDATE owner SET seen_at = ?, ended_at = ? WHERE id = ?")
  let self = 0

  const living = (row: OwnerRow | undefined, now: number): LivingOwner | undefined => {
    if (row === undefined || row.id === self || row.ended_at !== null) return undefined
    if (row.host !== host) {
      return now - row.seen_at < leaseMillis ? { pid: row.pid, name: `${row.pid} on ${row.host}` } : undefined
    }
    const start = processStart(row.pid)
    const gone = start === undefined || (start !== null && row.process_start !== null && start !== row.process_start)
    return gone ? undefined : { pid: row.pid, name: String(row.pid) }
  }

  return {
    get self() {
      return self
    },
    selfName: String(process.pid),
    enter: (now) => {
      const start = processStart(process.pid) ?? null
      self = Number(insert.run(process.pid, start, host, now, now).lastInsertRowid)
    },
    livingOther: (id, now) => living(find.get(id), now),
    livingOthers: (now) => findOpen.all().flatMap((row) => living(row, now) ?? []),
    renew: (now) => {
      renew.run(now, self)
    },
    end: (now) => {
      end.run(now, now, self)
    }
  }
}
