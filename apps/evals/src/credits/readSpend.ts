import type { AttemptKind } from "@assay/core"
import { Effect } from "effect"
import type { AskTables } from "./LedgerTables.ts"

/** What the attempts of one kind, for one column of a suite, were charged and still hold. Amounts in pico-credits. */
export interface SpendRow {
  readonly simulated: boolean
  readonly provider: string
  readonly model: string
  readonly kind: AttemptKind
  /** Undefined for attempts that belong to no trial: probes, judges, and calls that were released or lost their process. */
  readonly suite: string | undefined
  readonly prompt: string | undefined
  readonly variant: string | undefined
  readonly attempts: number
  readonly settled: bigint
  readonly held: bigint
}

/** All spend of a database, dearest first. An attempt that several trials share is counted once. */
export const readSpend = Effect.fnUntraced(function* (ask: AskTables) {
  const rows = yield* ask<StoredRow>(`
    ${spendByAttempt}
    SELECT coalesce(run.simulated, attempt.provider = 'simulator') AS simulated, attempt.provider, attempt.model,
      attempt.kind, run_suite.name AS suite, variant.prompt, variant.name AS variant, count(*) AS attempts,
      sum(spend.settled) AS settled, sum(spend.held) AS held
    FROM spend
    JOIN attempt ON attempt.id = spend.attempt_id
    JOIN budget ON budget.id = attempt.budget_id
    LEFT JOIN run ON run.name = budget.name
    ${ofTrial}
    GROUP BY 1, 2, 3, 4, 5, 6, 7
    ORDER BY 1, settled DESC, suite, variant, attempt.kind`)
  return rows.map(
    (row): SpendRow => ({
      simulated: row.simulated === 1n,
      provider: row.provider,
      model: row.model,
      kind: row.kind,
      suite: row.suite ?? undefined,
      prompt: row.prompt ?? undefined,
      variant: row.variant ?? undefined,
      attempts: Number(row.attempts),
      settled: row.settled,
      held: row.held
    })
  )
})

type StoredRow = {
  readonly simulated: bigint
  readonly provider: string
  readonly model: string
  readonly kind: AttemptKind
  readonly suite: string | null
  readonly prompt: string | null
  readonly variant: string | null
  readonly attempts: bigint
  readonly settled: bigint
  readonly held: bigint
}

/** The sums of each attempt's entries. */
export const spendByAttempt = `WITH
  spend AS (SELECT attempt_id, sum(settled_pico_credits) AS settled, sum(held_pico_credits) AS held
    FROM ledger_entry GROUP BY attempt_id),
  first_trial AS (SELECT attempt_id, min(id) AS id FROM trial WHERE attempt_id IS NOT NULL GROUP BY attempt_id)`

/** The suite and the column that an attempt was made for. */
export const ofTrial = `LEFT JOIN first_trial ON first_trial.attempt_id = attempt.id
  LEFT JOIN trial ON trial.id = first_trial.id
  LEFT JOIN variant ON variant.id = trial.variant_id
  LEFT JOIN run_suite ON run_suite.id = variant.run_suite_id`
