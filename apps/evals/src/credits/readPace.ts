import { Effect } from "effect"
import type { AskTables } from "./LedgerTables.ts"

/** What real calls (no stand-in's) were charged lately, in pico-credits. */
export interface Pace {
  readonly lastDay: bigint
  readonly lastWeek: bigint
}

const dayMillis = 86_400_000

export const readPace = Effect.fnUntraced(function* (ask: AskTables, now: number) {
  const spentSince = (since: number) =>
    Effect.map(
      ask<{ readonly settled: bigint | null }>(
        `SELECT sum(ledger_entry.settled_pico_credits) AS settled
         FROM ledger_entry
         JOIN attempt ON attempt.id = ledger_entry.attempt_id
         JOIN budget ON budget.id = attempt.budget_id
         LEFT JOIN run ON run.name = budget.name
         WHERE ledger_entry.at >= ? AND coalesce(run.simulated, attempt.provider = 'simulator') = 0`,
        since
      ),
      ([row]) => row?.settled ?? 0n
    )
  return {
    lastDay: yield* spentSince(now - dayMillis),
    lastWeek: yield* spentSince(now - 7 * dayMillis)
  } satisfies Pace
})

/** Whole days and hours until a balance is spent at the last week's pace; undefined without a pace. */
export const exhaustedInMillis = (balance: bigint, { lastWeek }: Pace): number | undefined =>
  lastWeek <= 0n || balance < 0n ? undefined : Number((balance * BigInt(7 * dayMillis)) / lastWeek)
