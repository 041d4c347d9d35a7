import { requireCount, tailProbability } from "./internal/inputs.ts"
import type { Interval } from "./interval.ts"
import type { DiscordantCounts } from "./mcnemar.ts"
import { normalQuantile } from "./normalQuantile.ts"

/**
 * Score interval for the difference of two pass rates, first minus second, measured on the same `n` samples: all
 * differences D that the score test would not reject. It excludes 0 exactly when McNemar's test without continuity
 * correction rejects, and keeps its coverage at small n.
 *
 * (b - c - nD)² <= z² n (2q + D(1-D)), with q the likeliest chance of "only second" given D, the larger root of
 * 2n q² - (b + c - (2n - b + c) D) q - c D (1-D) = 0, from Tango 1998, "Equivalence Test and Confidence Interval for the
 * Difference in Proportions for the Paired-Sample Design". Assumes independent pairs.
 *
 * n = 0 gives [-1, 1]. Throws `RangeError` unless the counts are whole, onlyFirst + onlySecond <= n <= 1e9, and confidence
 * lies in (0, 1). Each end takes at most some 1,100 halvings, 60 as a rule.
 */
export const tangoInterval = ({
  onlyFirst,
  onlySecond,
  n,
  confidence = 0.95
}: DiscordantCounts & { readonly n: number; readonly confidence?: number }): Interval => {
  const z = -normalQuantile(tailProbability(confidence))
  requireCount("onlyFirst", onlyFirst)
  requireCount("onlySecond", onlySecond)
  requireCount("n", n)
  if (onlyFirst + onlySecond > n) {
    throw new RangeError(`onlyFirst + onlySecond must be at most n, but ${onlyFirst + onlySecond} is more than ${n}.`)
  }
  if (n === 0) return { lower: -1, upper: 1 }
  return {
    lower: -upperEnd({ onlyFirst: onlySecond, onlySecond: onlyFirst }, n, z),
    upper: upperEnd({ onlyFirst, onlySecond }, n, z)
  }
}

/** The observed difference is never rejected and 1 always is, unless it was observed; halving runs to the last bit. */
const upperEnd = (counts: DiscordantCounts, n: number, z: number): number => {
  let kept = (counts.onlyFirst - counts.onlySecond) / n
  let rejected = 1
  if (kept === 1) return 1
  while (true) {
    const middle = kept + (rejected - kept) / 2
    if (middle <= kept || middle >= rejected) return kept
    if (isRejected(counts, n, z, middle)) rejected = middle
    else kept = middle
  }
}

const isRejected = (counts: DiscordantCounts, n: number, z: number, difference: number): boolean => {
  const distance = counts.onlyFirst - counts.onlySecond - n * difference
  const spread = 2 * likeliestOnlySecond(counts, n, difference) + difference * (1 - difference)
  return distance * distance > z * z * n * spread
}

const likeliestOnlySecond = ({ onlyFirst, onlySecond }: DiscordantCounts, n: number, difference: number): number => {
  const linear = onlyFirst + onlySecond - (2 * n - onlyFirst + onlySecond) * difference
  const constant = onlySecond * difference * (1 - difference)
  const root = Math.sqrt(Math.max(0, linear * linear + 8 * n * constant))
  // Of the two forms of the larger root, the one that adds instead of cancelling.
  return linear >= 0 ? (linear + root) / (4 * n) : (2 * constant) / (root - linear)
}
