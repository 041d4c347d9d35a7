import type { ModelError } from "@assay/core"

/** So many calls that fail one after the other, with none between that succeeds, mean that the provider is down. */
export const failuresInARow = 5

/**
 * Watches for a provider that is down. `held` is what the ledger holds when the run begins, in pico-credits.
 *
 * A call that an earlier process left in doubt is refused before it is sent and tells nothing of the provider, or a run
 * that was killed with five calls in flight could never be resumed; only doubts that raise what is held are new.
 */
export const makeFailureStreak = (held: bigint) => {
  let length = 0
  let heldBefore = held
  return {
    succeeded: () => {
      length = 0
    },
    /** Whether the provider counts as down after this failure, with what the ledger holds now. */
    isDownAfter: (error: ModelError, heldNow: bigint): boolean => {
      const isNewDoubt = heldNow > heldBefore
      heldBefore = heldNow
      switch (error._tag) {
        case "ProviderUnreachable":
        case "ProviderFailed":
        case "RateLimited":
          length += 1
          break
        case "CallInDoubt":
          if (isNewDoubt) length += 1
          break
        case "CallClaimed":
          break
        default:
          length = 0
      }
      return length >= failuresInARow
    }
  }
}
