/** What an own call was charged, in pico-credits: `low` equals `high` where the amount is exact. */
export interface ChargeRange {
  readonly low: bigint
  readonly high: bigint
}

/**
 * What happens around one account, as one process sees it, in the order of `at`.
 *
 * Times are milliseconds of one clock that never steps back; only their order counts. A call's `Sent` comes before its
 * first byte leaves and its end after its last byte arrived, so the charge fell between the two. `balance` is what a
 * reply's header told; undefined where it was missing or could not be read.
 */
export type BalanceEvent =
  | { readonly _tag: "Sent"; readonly id: string; readonly at: number; readonly bound: bigint }
  | {
      readonly _tag: "Answered"
      readonly id: string
      readonly at: number
      readonly charge: ChargeRange
      readonly balance: bigint | undefined
    }
  /** It certainly was not charged. */
  | { readonly _tag: "Freed"; readonly id: string; readonly at: number }
  /** Nobody knows whether it was charged, or will be. */
  | { readonly _tag: "Lost"; readonly id: string; readonly at: number }
  /** The fate of a lost call became known; 0 for one that was not charged. */
  | { readonly _tag: "Resolved"; readonly id: string; readonly at: number; readonly charged: bigint }
  /** The balance was asked for, at no cost. */
  | { readonly _tag: "Read"; readonly sentAt: number; readonly receivedAt: number; readonly balance: bigint }
