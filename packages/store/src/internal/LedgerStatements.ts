import type { AttemptClass, AttemptKind, ChargeSource } from "@assay/core"
import type { Database, Statement } from "better-sqlite3"

export type AttemptState = "reserved" | "settled" | "released" | "held"

/** An attempt in flight or in doubt. */
export interface OpenRow {
  readonly id: bigint
  readonly name: string
  readonly key: Buffer | string
  readonly state: "reserved" | "held"
  readonly owner_id: bigint
  readonly budget_id: bigint
  readonly bound_pico_credits: bigint
}

interface HeldAttemptRow extends OpenRow {
  readonly settled: bigint
  readonly held: bigint
}

interface HeldRow {
  readonly name: string
  readonly key: Buffer | string
  readonly kind: AttemptKind
  readonly provider: string
  readonly model: string
  readonly held: bigint
  readonly reserved_at: bigint
  readonly reason: string | null
}

interface SettledRow {
  readonly name: string
  readonly amount: bigint
  readonly held: bigint
  readonly source: ChargeSource
  readonly status: bigint
  readonly latency_ms: number
  readonly headers: string
  readonly body: string
}

type EntryParameters = [
  attempt: number | bigint,
  kind: "settle" | "release" | "hold" | "resolve",
  at: number,
  settled: bigint,
  reserved: bigint,
  held: bigint,
  source: ChargeSource | null,
  number: number | null,
  attemptClass: AttemptClass | null,
  status: number | null,
  requestId: string | null,
  reason: string | null,
  latencyMillis: number | null
]

/** The ledger's statements; their types are written out, since those that better-sqlite3 infers cannot be named in a declaration. */
export interface LedgerStatements {
  readonly insertAttempt: Statement<
    [string, number, number, Buffer | string, AttemptKind, string, string, bigint, number]
  >
  readonly insertEntry: Statement<EntryParameters>
  readonly insertReservation: Statement<[attempt: number | bigint, at: number, bound: bigint]>
  readonly insertCompletion: Statement<[number | bigint, number | bigint, string, string]>
  /** Ends an attempt in flight; changes nothing when it has ended or is another one. */
  readonly endAttempt: Statement<[AttemptState, number | bigint, string]>
  /** An attempt of any budget that forbids to buy a key: it is in flight, or in doubt. There is never more than one. */
  readonly findRival: Statement<[key: Buffer | string], OpenRow>
  /** A held attempt by its name, with what it binds and what was settled for it before. */
  readonly findHeldByName: Statement<[string], HeldAttemptRow>
  readonly resolveAttempt: Statement<[AttemptState, number | bigint]>
  readonly findReserved: Statement<[string], OpenRow>
  /** Attempts of other owners in flight in a budget. */
  readonly findForeignReservations: Statement<[budget: number, owner: number], OpenRow>
  readonly findHeld: Statement<[string], HeldRow>
  readonly findByName: Statement<[budget: string, name: string], { readonly id: number }>
  /** The keys of a budget that have a reply on record, oldest first. */
  readonly findSettledKeys: Statement<[string], { readonly id: number; readonly key: Buffer | string }>
  /** The charge is what its settlement told, and what a later resolution made of it. */
  readonly findSettled: Statement<[number | bigint], SettledRow>
}

/**
 * The ledger's SQL, prepared once. What is in flight or in doubt is found by the small index over just that; SQLite has to be told,
 * since it would rather go through all attempts of a budget.
 */
export const makeLedgerStatements = (database: Database): LedgerStatements => ({
  insertAttempt: database.prepare(
    `INSERT INTO attempt (name, budget_id, owner_id, key, kind, provider, model, bound_pico_credits, reserved_at, state)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 'reserved')`
  ),
  insertEntry: database.prepare(
    `INSERT INTO ledger_entry (attempt_id, kind, at, settled_pico_credits, reserved_pico_credits, held_pico_credits,
       charge_source, number, class, status, request_id, reason, latency_ms)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`
  ),
  insertReservation: database.prepare(
    `INSERT INTO ledger_entry
       (attempt_id, kind, at, settled_pico_credits, reserved_pico_credits, held_pico_credits)
     VALUES (?, 'reserve', ?, 0, ?, 0)`
  ),
  insertCompletion: database.prepare(
    // The first reply of an attempt stays, whatever turns up later.
    `INSERT INTO completion (attempt_id, settle_entry_id, headers, body) VALUES (?, ?, ?, ?)
     ON CONFLICT (attempt_id) DO NOTHING`
  ),
  endAttempt: database.prepare("UPDATE attempt SET state = ? WHERE id = ? AND name = ? AND state = 'reserved'"),
  findRival: database
    .prepare<[key: Buffer | string], OpenRow>(
      `SELECT ${openColumns} FROM attempt INDEXED BY attempt_open
       WHERE key = ? AND (state = 'reserved' OR state = 'held') AND (state = 'reserved'
         OR NOT EXISTS (SELECT 1 FROM completion WHERE completion.attempt_id = attempt.id))`
    )
    .safeIntegers(),
  findHeldByName: database
    .prepare<[string], HeldAttemptRow>(
      `SELECT ${openColumns}, coalesce(sum(entry.settled_pico_credits), 0) AS settled,
         coalesce(sum(entry.held_pico_credits), 0) AS held
       FROM attempt INDEXED BY attempt_open
       LEFT JOIN ledger_entry AS entry ON entry.attempt_id = attempt.id AND entry.held_pico_credits <> 0
       WHERE (state = 'reserved' OR state = 'held') AND state = 'held' AND name = ?
       GROUP BY attempt.id`
    )
    .safeIntegers(),
  resolveAttempt: database.prepare("UPDATE attempt SET state = ? WHERE id = ? AND state = 'held'"),
  findReserved: database
    .prepare<[string], OpenRow>(
      `SELECT ${openColumns} FROM attempt INDEXED BY attempt_open
       WHERE (state = 'reserved' OR state = 'held') AND state = 'reserved' AND name = ?`
    )
    .safeIntegers(),
  findForeignReservations: database
    .prepare<[budget: number, owner: number], OpenRow>(
      `SELECT ${openColumns} FROM attempt INDEXED BY attempt_open
       WHERE (state = 'reserved' OR state = 'held') AND state = 'reserved' AND budget_id = ? AND owner_id <> ?`
    )
    .safeIntegers(),
  findHeld: database
    .prepare<[string], HeldRow>(
      `SELECT attempt.name, attempt.key, attempt.kind, attempt.provider, attempt.model, attempt.reserved_at,
         (SELECT sum(held_pico_credits) FROM ledger_entry
          WHERE attempt_id = attempt.id AND held_pico_credits <> 0) AS held,
         (SELECT reason FROM ledger_entry
          WHERE attempt_id = attempt.id AND held_pico_credits > 0 ORDER BY id DESC LIMIT 1) AS reason
       FROM attempt INDEXED BY attempt_open JOIN budget ON budget.id = attempt.budget_id
       WHERE (attempt.state = 'reserved' OR attempt.state = 'held') AND attempt.state = 'held' AND budget.name = ?
       ORDER BY attempt.id`
    )
    .safeIntegers(),
  findByName: database.prepare(
    `SELECT attempt.id FROM budget JOIN attempt ON attempt.budget_id = budget.id
     WHERE budget.name = ? AND attempt.name = ? LIMIT 1`
  ),
  findSettledKeys: database.prepare(
    `SELECT attempt.id, attempt.key FROM budget
     JOIN attempt ON attempt.budget_id = budget.id
     JOIN completion ON completion.attempt_id = attempt.id
     WHERE budget.name = ? ORDER BY attempt.id`
  ),
  findSettled: database
    .prepare<[number | bigint], SettledRow>(
      `SELECT attempt.name,
         entry.settled_pico_credits + coalesce((
           SELECT sum(settled_pico_credits) FROM ledger_entry AS later
           WHERE later.attempt_id = attempt.id AND later.held_pico_credits <> 0 AND later.id > entry.id), 0) AS amount,
         coalesce((
           SELECT sum(held_pico_credits) FROM ledger_entry AS any_entry
           WHERE any_entry.attempt_id = attempt.id AND any_entry.held_pico_credits <> 0), 0) AS held,
         entry.charge_source AS source, entry.status, entry.latency_ms, completion.headers, completion.body
       FROM attempt
       JOIN completion ON completion.attempt_id = attempt.id
       JOIN ledger_entry AS entry ON entry.id = completion.settle_entry_id
       WHERE attempt.id = ?`
    )
    .safeIntegers()
})

const openColumns = "attempt.id, name, key, state, owner_id, budget_id, bound_pico_credits"
