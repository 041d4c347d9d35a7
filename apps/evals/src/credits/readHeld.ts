import { type AttemptKind, defaultSettleMillis } from "@assay/core"
import { Effect } from "effect"
import type { AskTables } from "./LedgerTables.ts"
import { ofTrial, spendByAttempt } from "./readSpend.ts"

/** A call whose fate is unknown, or whose charge was only estimated. Amounts in pico-credits, times in UTC milliseconds. */
export interface HeldRow {
  readonly run: string
  readonly attempt: string
  readonly simulated: boolean
  readonly kind: AttemptKind
  readonly provider: string
  readonly model: string
  readonly suite: string | undefined
  /** The most that it can still cost. */
  readonly bound: bigint
  /** What was settled as an estimate; 0 for a call without an answer. */
  readonly settled: bigint
  readonly reservedAt: number
  readonly reason: string | undefined
  /** The median charge of settled calls of the same model and suite, or of the model; undefined without any. */
  readonly likely: { readonly amount: bigint; readonly calls: number } | undefined
  /** When an audit of the balance may free it, at the earliest; undefined for an estimate, which no audit frees. */
  readonly auditableAt: number | undefined
}

/** Every held call of a database, oldest first. */
export const readHeld = Effect.fnUntraced(function* (ask: AskTables) {
  const rows = yield* ask<StoredRow>(`
    ${spendByAttempt}
    SELECT budget.name AS run, attempt.name AS attempt, attempt.kind, attempt.provider, attempt.model,
      coalesce(run.simulated, attempt.provider = 'simulator') AS simulated, run_suite.name AS suite,
      spend.held AS bound, spend.settled, attempt.reserved_at,
      (SELECT entry.reason FROM ledger_entry AS entry
        WHERE entry.attempt_id = attempt.id AND entry.held_pico_credits > 0 ORDER BY entry.id DESC LIMIT 1) AS reason
    FROM attempt
    JOIN spend ON spend.attempt_id = attempt.id
    JOIN budget ON budget.id = attempt.budget_id
    LEFT JOIN run ON run.name = budget.name
    ${ofTrial}
    WHERE attempt.state = 'held' ORDER BY attempt.id`)
  const medians = new Map<string, HeldRow["likely"]>()
  return yield* Effect.forEach(rows, (row) =>
    Effect.gen(function* () {
      const group = JSON.stringify([row.provider, row.model, row.suite])
      if (!medians.has(group)) medians.set(group, yield* medianCharge(ask, row))
      const answered = row.settled > 0n
      return {
        run: row.run,
        attempt: row.attempt,
        simulated: row.simulated === 1n,
        kind: row.kind,
        provider: row.provider,
        model: row.model,
        suite: row.suite ?? undefined,
        bound: row.bound,
        settled: row.settled,
        reservedAt: Number(row.reserved_at),
        reason: row.reason ?? undefined,
        likely: answered ? undefined : medians.get(group),
        auditableAt: answered ? undefined : Number(row.reserved_at) + defaultSettleMillis
      } satisfies HeldRow
    })
  )
})

type StoredRow = {
  readonly run: string
  readonly attempt: string
  readonly kind: AttemptKind
  readonly provider: string
  readonly model: string
  readonly simulated: bigint
  readonly suite: string | null
  readonly bound: bigint
  readonly settled: bigint
  readonly reserved_at: bigint
  readonly reason: string | null
}

/** The middle charge, the lower of two, of answers to the same suite; of the model's where that suite has none. */
const medianCharge = Effect.fnUntraced(function* (
  ask: AskTables,
  { model, provider, suite }: Pick<StoredRow, "provider" | "model" | "suite">
) {
  for (const among of suite === null ? [null] : [suite, null]) {
    const [found] = yield* ask<{ readonly amount: bigint; readonly calls: bigint }>(
      `${spendByAttempt},
       charge AS (SELECT spend.settled AS amount, row_number() OVER (ORDER BY spend.settled) AS place, count(*) OVER () AS calls
         FROM attempt JOIN spend ON spend.attempt_id = attempt.id ${ofTrial}
         WHERE attempt.state = 'settled' AND attempt.kind <> 'probe' AND attempt.provider = ? AND attempt.model = ?
           AND (? IS NULL OR run_suite.name = ?))
       SELECT amount, calls FROM charge WHERE place = (calls + 1) / 2`,
      provider,
      model,
      among,
      among
    )
    if (found !== undefined) return { amount: found.amount, calls: Number(found.calls) }
  }
  return undefined
})
