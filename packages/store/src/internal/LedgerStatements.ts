import type { AttemptClass, AttemptKind, ChargeSource } from "@assay/core"
import type { Database } from "better-sqlite3"

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
  kind: "settle" | "release" | "hold",
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

/**
 * The ledger's SQL, prepared once. What is in flight or in doubt is found by the small index over just that; SQLite has to be told,
 * since it would rather go through all attempts of a budget.
 */
export const makeLedgerStatements = (database: Database) => ({
  insertAttempt: database.prepare<
    [string, number, number, Buffer | string, AttemptKind, string, string, bigint, number]
  >(
    `INSERT INTO attempt (name, budget_id, owner_id, key, kind, provider, model, bound_pico_credits, reserved_at, state)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 'reserved')`
  ),
  insertEntry: database.prepare<EntryParameters>(
    `INSERT INTO ledger_entry (attempt_id, kind, at, settled_pico_credits, reserved_pico_credits, held_pico_credits,
       charge_source, number, class, status, request_id, reason, latency_ms)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`
  ),
  insertReservation: database.prepare<[attempt: number | bigint, at: number, bound: bigint]>(
    `INSERT INTO ledger_entry
       (attempt_id, kind, at, settled_pico_credits, reserved_pico_credits, held_pico_credits)
     VALUES (?, 'reserve', ?, 0, ?, 0)`
  ),
  insertCompletion: database.prepare<[number | bigint, number | bigint, string, string]>(
    "INSERT INTO completion (attempt_id, settle_entry_id, headers, body) VALUES (?, ?, ?, ?)"
  ),
  /** Ends an attempt in flight; changes nothing when it has ended or is another one. */
  endAttempt: database.prepare<[AttemptState, number | bigint, string]>(
    "UPDATE attempt SET state = ? WHERE id = ? AND name = ? AND state = 'reserved'"
  ),
  /** Attempts that may forbid an owner to buy a key for a budget. Unordered: a sorter would cost more than the search. */
  findRivals: database
    .prepare<[key: Buffer | string, owner: number, budget: number], OpenRow>(
      `SELECT ${openColumns} FROM attempt INDEXED BY attempt_open
       WHERE key = ? AND (state = 'reserved' OR state = 'held') AND (
         (state = 'reserved' AND owner_id <> ?) OR
         (state = 'held' AND budget_id = ?
           AND NOT EXISTS (SELECT 1 FROM completion WHERE completion.attempt_id = attempt.id)))`
    )
    .safeIntegers(),
  findReserved: database
    .prepare<[string], OpenRow>(
      `SELECT ${openColumns} FROM attempt INDEXED BY attempt_open
       WHERE (state = 'reserved' OR state = 'held') AND state = 'reserved' AND name = ?`
    )
    .safeIntegers(),
  /** Attempts of other owners in flight in a budget. */
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
  findByName: database.prepare<[budget: string, name: string], { readonly id: number }>(
    `SELECT attempt.id FROM budget JOIN attempt ON attempt.budget_id = budget.id
     WHERE budget.name = ? AND attempt.name = ? LIMIT 1`
  ),
  /** The keys of a budget that have a reply on record, oldest first. */
  findSettledKeys: database.prepare<[string], { readonly id: number; readonly key: Buffer | string }>(
    `SELECT attempt.id, attempt.key FROM budget
     JOIN attempt ON attempt.budget_id = budget.id
     JOIN completion ON completion.attempt_id = attempt.id
     WHERE budget.name = ? ORDER BY attempt.id`
  ),
  findSettled: database
    .prepare<[number | bigint], SettledRow>(
      `SELECT attempt.name, entry.settled_pico_credits AS amount, entry.held_pico_credits AS held,
         entry.charge_source AS source, entry.status, entry.latency_ms, completion.headers, completion.body
       FROM attempt
       JOIN completion ON completion.attempt_id = attempt.id
       JOIN ledger_entry AS entry ON entry.id = completion.settle_entry_id
       WHERE attempt.id = ?`
    )
    .safeIntegers()
})

const openColumns = "id, name, key, state, owner_id, budget_id, bound_pico_credits"

export type LedgerStatements = ReturnType<typeof makeLedgerStatements>
