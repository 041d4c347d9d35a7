import { requireProportion, tailProbability } from "./internal/inputs.ts"
import type { Interval } from "./interval.ts"
import { normalQuantile } from "./normalQuantile.ts"

/**
 * Score interval for a pass rate, the one for tables: its mean coverage is close to `confidence` (default 0.95) even at
 * small n and near 0 and 1, though for single rates it may dip below.
 *
 * (p + z²/2n ± z sqrt(p(1-p)/n + z²/4n²)) / (1 + z²/n), without continuity correction, from Wilson 1927, "Probable
 * Inference, the Law of Succession, and Statistical Inference". Assumes independent trials with one rate: repeats of one
 * sample are not independent, `clusteredMean` is for those.
 *
 * n = 0 gives [0, 1]; no success gives exactly 0 below, no failure exactly 1 above. Throws `RangeError` unless
 * 0 <= successes <= n <= 1e9 are whole and confidence lies in (0, 1).
 */
export const wilsonInterval = ({ successes, n, confidence = 0.95 }: ProportionOptions): Interval => {
  requireProportion({ successes, n })
  const z = -normalQuantile(tailProbability(confidence))
  if (n === 0) return { lower: 0, upper: 1 }
  return { lower: lowerEnd(successes, n, z), upper: 1 - lowerEnd(n - successes, n, z) }
}

/** Successes out of n independent trials; `confidence` in (0, 1), 0.95 unless said otherwise. */
export interface ProportionOptions {
  readonly successes: number
  readonly n: number
  readonly confidence?: number
}

/** The smaller root as product over larger root, which stays exact where the difference of the two terms would cancel. */
const lowerEnd = (successes: number, n: number, z: number): number => {
  const p = successes / n
  const sum = successes + (z * z) / 2 + z * Math.sqrt(successes * (1 - p) + (z * z) / 4)
  return (successes * p) / sum
}
