import type { BalanceState } from "./BalanceState.ts"
import { lowestBalance } from "./BalanceState.ts"

/** How fast an account is spent from by own calls. */
export interface BurnRate {
  /** Pico-credits in an hour, by the newest calls; what is estimated counts in full. */
  readonly perHour: bigint
  /** How many calls and how much time that is taken from. */
  readonly calls: number
  readonly overMillis: number
  /** Until the lowest known balance is spent at that rate; undefined without a balance or a rate. */
  readonly exhaustedInMillis: number | undefined
}

const hourMillis = 3_600_000

/** The rate at `now`, on the clock of the events; undefined before two calls were charged. */
export const burnRate = (state: BalanceState, now: number): BurnRate | undefined => {
  const charged = state.recent.filter(({ high }) => high > 0n)
  const since = charged.reduce((first, { sentAt }) => Math.min(first, sentAt), Number.POSITIVE_INFINITY)
  const overMillis = now - since
  if (charged.length < 2 || overMillis <= 0) return undefined
  const spent = charged.reduce((sum, { high }) => sum + high, 0n)
  // Whole microseconds: a rate of spend needs no more, and a bigint takes no less.
  const perHour = (spent * BigInt(hourMillis) * 1000n) / BigInt(Math.max(1, Math.round(overMillis * 1000)))
  const balance = lowestBalance(state)
  const exhaustedInMillis =
    balance === undefined || perHour === 0n ? undefined : Number(((balance < 0n ? 0n : balance) * 3_600_000n) / perHour)
  return { perHour, calls: charged.length, overMillis, exhaustedInMillis }
}
