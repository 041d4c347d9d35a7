import type { Database } from "better-sqlite3"
import { fromHashColumn } from "./hashColumn.ts"
import type { AttemptState, LedgerStatements } from "./LedgerStatements.ts"
import type { WriteCache } from "./Writer.ts"

/** Replies whose trial may still be appended; more than any number of calls in flight. */
const repliesRemembered = 8192

/** An attempt in flight: where its row is and what it binds. */
export interface OpenAttempt {
  readonly id: number | bigint
  readonly budgetId: number
  readonly key: string
  readonly bound: bigint
}

/**
 * Where attempts have their rows, remembered because an index over names and keys would write two pages for each of them.
 * What is remembered is a hint: a statement that changes a row by it names the attempt too.
 */
export interface Attempts extends WriteCache {
  /** Remembers an attempt of this process until it ends. */
  opened(name: string, attempt: OpenAttempt): void
  /** Ends an attempt in flight, of whichever process; gives nothing when it has ended or is unknown. */
  end(name: string, state: AttemptState): OpenAttempt | undefined
  /** Remembers an attempt that has a reply on record. */
  answered(name: string, budget: string, attempt: OpenAttempt): void
  /** The row of an attempt by its name, in a run's budget. */
  find(budget: string, name: string): number | bigint | undefined
  /** The row of the newest attempt with a reply under this key in this budget. */
  findByKey(budget: string, key: string): number | bigint | undefined
}

export const makeAttempts = (database: Database, statements: LedgerStatements): Attempts => {
  const open = new Map<string, OpenAttempt>()
  const replies = new Map<string, number | bigint>()
  const keysByBudget = new Map<string, Map<string, number | bigint>>()
  const dataVersion = database.prepare<[], number>("PRAGMA data_version").pluck()
  let seenVersion = dataVersion.get()

  const findOpen = (name: string): OpenAttempt | undefined => {
    const row = statements.findReserved.get(name)
    if (row === undefined) return undefined
    const { id, budget_id, key, bound_pico_credits } = row
    return { id, budgetId: Number(budget_id), key: fromHashColumn(key), bound: bound_pico_credits }
  }

  const endIf = (attempt: OpenAttempt | undefined, name: string, state: AttemptState) =>
    attempt !== undefined && statements.endAttempt.run(state, attempt.id, name).changes === 1 ? attempt : undefined

  return {
    flush: () => {},
    forget: (committed) => {
      if (committed) return
      replies.clear()
      keysByBudget.clear()
    },
    opened: (name, attempt) => {
      open.set(name, attempt)
    },
    end: (name, state) => {
      const hint = open.get(name)
      open.delete(name)
      return endIf(hint, name, state) ?? endIf(findOpen(name), name, state)
    },
    answered: (name, budget, { id, key }) => {
      if (replies.size >= repliesRemembered) dropOldest(replies)
      replies.set(name, id)
      keysByBudget.get(budget)?.set(key, id)
    },
    find: (budget, name) => replies.get(name) ?? statements.findByName.get(budget, name)?.id,
    findByKey: (budget, key) => {
      const version = dataVersion.get()
      // Another process has written since, so what it may have settled is read as well.
      if (version !== seenVersion) keysByBudget.clear()
      seenVersion = version
      const keys =
        keysByBudget.get(budget) ??
        new Map(statements.findSettledKeys.all(budget).map((row) => [fromHashColumn(row.key), row.id] as const))
      keysByBudget.set(budget, keys)
      return keys.get(key)
    }
  }
}

const dropOldest = (map: Map<string, unknown>): void => {
  const oldest = map.keys().next()
  if (oldest.done !== true) map.delete(oldest.value)
}
