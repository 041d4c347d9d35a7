import { assert } from "@effect/vitest"
import Database from "better-sqlite3"

/** The append-only entries give the totals of every budget, and no charge is without its reply or a reply without its charge. */
export const assertLedgerAddsUp = (file: string): void => {
  const database = new Database(file, { readonly: true })
  const read = (sql: string) => database.prepare(sql).safeIntegers().all()
  try {
    const stored = read(
      `SELECT name, settled_pico_credits AS settled, reserved_pico_credits AS reserved, held_pico_credits AS held
       FROM budget ORDER BY name`
    )
    const added = read(
      `SELECT budget.name, coalesce(sum(settled_pico_credits_), 0) AS settled,
         coalesce(sum(reserved_pico_credits_), 0) AS reserved, coalesce(sum(held_pico_credits_), 0) AS held
       FROM budget LEFT JOIN (
         SELECT attempt.budget_id, ledger_entry.settled_pico_credits AS settled_pico_credits_,
           ledger_entry.reserved_pico_credits AS reserved_pico_credits_,
           ledger_entry.held_pico_credits AS held_pico_credits_
         FROM ledger_entry JOIN attempt ON attempt.id = ledger_entry.attempt_id
       ) ON budget_id = budget.id GROUP BY budget.id ORDER BY budget.name`
    )
    assert.deepStrictEqual(stored, added)
    assert.deepStrictEqual(
      read(
        `SELECT ledger_entry.attempt_id FROM ledger_entry LEFT JOIN completion ON settle_entry_id = ledger_entry.id
         WHERE CASE kind WHEN 'settle' THEN completion.attempt_id IS NULL WHEN 'resolve' THEN 0 ELSE completion.attempt_id IS NOT NULL END`
      ),
      []
    )
    assert.deepStrictEqual(
      read(
        `SELECT attempt_id FROM ledger_entry WHERE kind <> 'reserve' AND kind <> 'resolve' GROUP BY attempt_id HAVING count(*) > 1`
      ),
      []
    )
    assert.deepStrictEqual(read("PRAGMA foreign_key_check"), [])
    assert.deepStrictEqual(database.pragma("integrity_check", { simple: true }), "ok")
  } finally {
    database.close()
  }
}
