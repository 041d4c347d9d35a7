import type { LedgerTotals } from "@assay/core"
import type { Database, Statement } from "better-sqlite3"
import type { WriteCache } from "./Writer.ts"

/** A budget's row inside a transaction: read once, changed in memory, written back once before the commit. */
export interface Budget {
  readonly id: number
  limit: bigint
  settled: bigint
  reserved: bigint
  held: bigint
  changed: boolean
}

/** The budgets that the current transaction has touched. */
export interface Budgets extends WriteCache {
  /** The budget of this name; created with a limit of 0, from which nothing is admitted, when it is new. */
  named(name: string): Budget
  byId(id: number): Budget
}

interface BudgetRow {
  readonly id: bigint
  readonly name: string
  readonly limit: bigint
  readonly settled: bigint
  readonly reserved: bigint
  readonly held: bigint
}

const columns = `id, name, limit_pico_credits AS "limit", settled_pico_credits AS settled,
  reserved_pico_credits AS reserved, held_pico_credits AS held`

export const makeBudgets = (database: Database): Budgets => {
  const findByName = findTotals(database)
  const findById = database.prepare<[number], BudgetRow>(`SELECT ${columns} FROM budget WHERE id = ?`).safeIntegers()
  const insert = database.prepare<[string]>("INSERT INTO budget (name, limit_pico_credits) VALUES (?, 0)")
  const update = database.prepare<[bigint, bigint, bigint, bigint, number]>(
    `UPDATE budget SET limit_pico_credits = ?, settled_pico_credits = ?, reserved_pico_credits = ?,
     held_pico_credits = ? WHERE id = ?`
  )
  const touchedByName = new Map<string, Budget>()
  const touchedById = new Map<number, Budget>()

  const touch = (row: BudgetRow): Budget => {
    const { limit, settled, reserved, held } = row
    const budget: Budget = { id: Number(row.id), limit, settled, reserved, held, changed: false }
    touchedByName.set(row.name, budget)
    touchedById.set(budget.id, budget)
    return budget
  }

  const create = (name: string): BudgetRow => {
    const id = BigInt(insert.run(name).lastInsertRowid)
    return { id, name, limit: 0n, settled: 0n, reserved: 0n, held: 0n }
  }

  return {
    named: (name) => touchedByName.get(name) ?? touch(findByName.get(name) ?? create(name)),
    byId: (id) => {
      const touched = touchedById.get(id)
      if (touched !== undefined) return touched
      const row = findById.get(id)
      if (row === undefined) throw new Error(`there is no budget ${id}`)
      return touch(row)
    },
    flush: () => {
      for (const { changed, limit, settled, reserved, held, id } of touchedById.values()) {
        if (changed) update.run(limit, settled, reserved, held, id)
      }
    },
    // Another process may write between two transactions, so nothing is kept from one to the next.
    forget: () => {
      touchedByName.clear()
      touchedById.clear()
    }
  }
}

/** Reads a budget's row by its name. */
export const findTotals = (database: Database): Statement<[string], BudgetRow> =>
  database.prepare<[string], BudgetRow>(`SELECT ${columns} FROM budget WHERE name = ?`).safeIntegers()

/** The totals without what a row has besides. */
export const totalsOf = ({ limit, settled, reserved, held }: LedgerTotals): LedgerTotals => ({
  limit,
  settled,
  reserved,
  held
})
