import type { AdmitDecision, LedgerTotals } from "./LedgerJournal.ts"

/**
 * Whether a bound (pico-credits) fits what the budget has left; pure, so that every journal decides alike.
 *
 * A bound that would fit if all calls in flight turned out to be free waits, since settling frees most of a
 * reservation. Any other can never fit, because what is settled or held does not shrink by itself.
 */
export const decide = (totals: LedgerTotals, bound: bigint): AdmitDecision => {
  const committed = totals.settled + totals.held + bound
  if (committed + totals.reserved <= totals.limit) return { _tag: "Admitted" }
  return committed <= totals.limit ? { _tag: "Wait" } : { _tag: "Exhausted", totals }
}
