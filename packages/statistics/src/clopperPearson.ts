import { betaLogit } from "./internal/betaLogit.ts"
import { requireProportion, tailProbability } from "./internal/inputs.ts"
import type { Interval } from "./interval.ts"
import type { ProportionOptions } from "./wilson.ts"

/**
 * Exact interval for a pass rate: covers the truth at least `confidence` (default 0.95) of the time whatever the rate,
 * and pays with width. For promises and thresholds, where falling short is worse than being vague.
 *
 * From the quantile a/2 of Beta(x, n-x+1) to the quantile 1-a/2 of Beta(x+1, n-x), with a = 1 - confidence, from Clopper
 * and Pearson 1934, "The Use of Confidence or Fiducial Limits Illustrated in the Case of the Binomial". Assumes
 * independent trials with one rate.
 *
 * n = 0 gives [0, 1]; no success gives exactly 0 below, no failure exactly 1 above. Throws `RangeError` unless
 * 0 <= successes <= n <= 1e9 are whole and confidence lies in (0, 1).
 */
export const clopperPearsonInterval = ({ successes, n, confidence = 0.95 }: ProportionOptions): Interval => {
  requireProportion({ successes, n })
  const tail = tailProbability(confidence)
  return { lower: lowerEnd(successes, n, tail), upper: 1 - lowerEnd(n - successes, n, tail) }
}

const lowerEnd = (successes: number, n: number, tail: number): number =>
  successes === 0
    ? 0
    : 1 / (1 + Math.exp(-betaLogit({ lower: tail, upper: 1 - tail, a: successes, b: n - successes + 1 })))
