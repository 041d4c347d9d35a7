import {
  type BalanceEvent,
  type BalanceState,
  type ChargeSource,
  chargeRange,
  emptyBalance,
  observeBalance,
  parseCredits
} from "@assay/core"
import { Effect } from "effect"
import type { AskTables } from "./LedgerTables.ts"
import { spendByAttempt } from "./readSpend.ts"

/** An account as the ledger knows it: a provider's name and address. Keys are not stored, so two of one address mix. */
export interface AccountName {
  readonly provider: string
  readonly baseUrl: string
}

/** More would take seconds; older calls say little about the balance of today. */
const most = 20_000

/** A time that was rounded to a millisecond may be off by one, on either side. */
const roundingMillis = 1

/**
 * Plays the stored calls of an account again, so that their headers tell what they told the process that sent them.
 * `sinceHolds` begins with the first run that still holds a call: the less is compared, the less is only estimated.
 */
export const replayBalance = Effect.fnUntraced(function* (
  ask: AskTables,
  { baseUrl, provider }: AccountName,
  { sinceHolds }: { readonly sinceHolds: boolean } = { sinceHolds: false }
) {
  const rows = yield* ask<StoredRow>(
    `${spendByAttempt}
     SELECT attempt.name, attempt.state, attempt.reserved_at, attempt.bound_pico_credits AS bound, spend.settled,
       spend.held, ending.at, ending.latency_ms, entry.charge_source AS source,
       json_extract(completion.headers, '$."x-remaining-credits"') AS balance
     FROM attempt
     JOIN spend ON spend.attempt_id = attempt.id
     JOIN budget ON budget.id = attempt.budget_id
     LEFT JOIN run ON run.name = budget.name
     LEFT JOIN completion ON completion.attempt_id = attempt.id
     LEFT JOIN ledger_entry AS entry ON entry.id = completion.settle_entry_id
     LEFT JOIN ledger_entry AS ending ON ending.id = coalesce(completion.settle_entry_id,
       (SELECT max(id) FROM ledger_entry AS last WHERE last.attempt_id = attempt.id AND last.kind <> 'reserve'))
     WHERE attempt.provider = ? AND (run.base_url = ? OR run.id IS NULL) AND attempt.state <> 'released'
       AND (? = 0 OR attempt.id >= (SELECT min(first.id) FROM attempt AS held
         JOIN attempt AS first ON first.budget_id = held.budget_id WHERE held.state = 'held' AND held.provider = ?))
     ORDER BY attempt.id DESC LIMIT ${most}`,
    provider,
    baseUrl,
    sinceHolds ? 1 : 0,
    provider
  )
  const events = rows.flatMap(eventsOf)
  return events.toSorted((a, b) => timeOf(a) - timeOf(b)).reduce<BalanceState>(observeBalance, emptyBalance())
})

type StoredRow = {
  readonly name: string
  readonly state: "reserved" | "settled" | "held"
  readonly reserved_at: bigint
  readonly bound: bigint
  readonly settled: bigint
  readonly held: bigint
  readonly at: bigint | null
  readonly latency_ms: number | null
  readonly source: ChargeSource | null
  readonly balance: string | null
}

const eventsOf = (row: StoredRow): ReadonlyArray<BalanceEvent> => {
  const { bound, held, name: id, settled, source } = row
  const end = row.at === null ? undefined : Number(row.at)
  const sentAt = source === null || end === undefined ? Number(row.reserved_at) : end - (row.latency_ms ?? 0)
  const sent: BalanceEvent = { _tag: "Sent", id, at: sentAt - roundingMillis, bound }
  if (end === undefined) return [sent]
  const at = end + roundingMillis
  if (source === null) return settled > 0n ? [sent, answer(id, at, settled)] : [sent, { _tag: "Lost", id, at }]
  const charge = chargeRange({ amount: settled, source, held })
  const balance = row.balance === null ? undefined : parseCredits(row.balance, "down")
  return [sent, { _tag: "Answered", id, at, charge, balance }]
}

/** A lost call that was charged by someone's word. */
const answer = (id: string, at: number, charged: bigint): BalanceEvent => ({
  _tag: "Answered",
  id,
  at,
  charge: { low: charged, high: charged },
  balance: undefined
})

const timeOf = (event: BalanceEvent): number => (event._tag === "Read" ? event.receivedAt : event.at)
