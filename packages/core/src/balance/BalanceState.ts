import type { ChargeRange } from "./BalanceEvent.ts"

/** An own call that has ended, or a reading of the balance, which costs nothing. Amounts in pico-credits. */
export interface SeenCall extends ChargeRange {
  readonly id: string
  readonly sentAt: number
  readonly receivedAt: number
  readonly source: BalanceSource
  /** The balance right after its charge, where one was told. */
  readonly balance: bigint | undefined
  /** Whether every call that may have been charged around it has ended: no later test can tell more. */
  readonly ripe: boolean
  /** What others have spent and what came in up to here, at the least: sums over intervals that do not overlap. */
  readonly foreign: Surely
  readonly topUp: Surely
}

/** Headers and the balance endpoint may print different numbers of decimals. */
export type BalanceSource = "header" | "endpoint"

/** An amount that is certain to have been moved by others, at least, within a span of time. */
export interface Surely {
  readonly amount: bigint
  readonly from: number
  readonly to: number
}

/** A call without an end. */
export interface OpenCall {
  readonly id: string
  readonly sentAt: number
  readonly bound: bigint
}

/** All that is remembered of an account; of bounded size. Made by `emptyBalance`, changed by `observeBalance` alone. */
export interface BalanceState {
  readonly window: number
  /** The first balance, which the whole of the spend is held against. */
  readonly baseline: SeenCall | undefined
  readonly inFlight: ReadonlyArray<OpenCall>
  /** As many as there are holds, which the budget bounds. */
  readonly lost: ReadonlyArray<OpenCall>
  /** The newest ended calls, in the order of their ends, `window` of them. */
  readonly recent: ReadonlyArray<SeenCall>
  /** The older ones since the baseline, as sums; `until` is the last end among them. */
  readonly folded: ChargeRange & { readonly charges: number; readonly until: number }
  /** Balances that no other one is surely newer than. */
  readonly newest: ReadonlyArray<{ readonly sentAt: number; readonly receivedAt: number; readonly balance: bigint }>
  readonly foreign: Surely
  readonly topUp: Surely
  /** Answers in a row without a balance. */
  readonly missing: number
  readonly reads: number
  /** Decimals that amounts were printed with, at most, by where they came from. */
  readonly decimals: Readonly<Record<BalanceSource | "cost", number>>
}

export const nothingSure: Surely = { amount: 0n, from: 0, to: 0 }

/**
 * Nothing is known yet. `window` is how many ended calls are compared one by one; 64 by default. It has to be several
 * times the calls in flight, since a call that is still out when the window has moved past its start tells nothing more.
 */
export const emptyBalance = (window = 64): BalanceState => ({
  window,
  baseline: undefined,
  inFlight: [],
  lost: [],
  recent: [],
  folded: { low: 0n, high: 0n, charges: 0, until: Number.NEGATIVE_INFINITY },
  newest: [],
  foreign: nothingSure,
  topUp: nothingSure,
  missing: 0,
  reads: 0,
  decimals: { header: 0, endpoint: 0, cost: 0 }
})

/** The account's balance as far as it is known, at the least; undefined before the first balance was told. */
export const lowestBalance = ({ newest }: BalanceState): bigint | undefined =>
  newest.reduce<bigint | undefined>(
    (lowest, { balance }) => (lowest === undefined || balance < lowest ? balance : lowest),
    undefined
  )
