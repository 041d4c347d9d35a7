/** Retries that a client may make: some to begin with, and a share of its successes. */
export interface RetryBudgetOptions {
  readonly initial: number
  readonly perSuccess: number
}

/** Keeps retries a small share of the load, so that a client of a failing provider does not double its trouble. */
export const makeRetryBudget = ({ initial, perSuccess }: RetryBudgetOptions) => {
  let left = initial
  return {
    left: () => left,
    earn: () => {
      left += perSuccess
    },
    /** Whether one more retry may be made; it is paid for with this. */
    spend: (): boolean => {
      // Five fifths of a retry are one, whatever floats say.
      if (left < 1 - 1e-9) return false
      left -= 1
      return true
    }
  }
}
