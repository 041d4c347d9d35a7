import { betaLogit } from "./internal/betaLogit.ts"
import { requireProportion, tailProbability } from "./internal/inputs.ts"
import type { Interval } from "./interval.ts"
import type { ProportionOptions } from "./wilson.ts"

/**
 * Equal-tailed posterior interval for a pass rate under the prior Beta(1/2, 1/2); also close to `confidence` (default
 * 0.95) in mean coverage. For readers who want a statement about this rate rather than about repeated runs.
 *
 * Quantiles a/2 and 1-a/2 of Beta(x + 1/2, n - x + 1/2), with the ends set to 0 at no success and 1 at no failure, from
 * Brown, Cai and DasGupta 2001, "Interval Estimation for a Binomial Proportion". Assumes independent trials with one rate.
 *
 * n = 0 gives [0, 1]. Throws `RangeError` unless 0 <= successes <= n <= 1e9 are whole and confidence lies in (0, 1).
 */
export const jeffreysInterval = ({ successes, n, confidence = 0.95 }: ProportionOptions): Interval => {
  requireProportion({ successes, n })
  const tail = tailProbability(confidence)
  return { lower: lowerEnd(successes, n, tail), upper: 1 - lowerEnd(n - successes, n, tail) }
}

const lowerEnd = (successes: number, n: number, tail: number): number =>
  successes === 0
    ? 0
    : 1 / (1 + Math.exp(-betaLogit({ lower: tail, upper: 1 - tail, a: successes + 0.5, b: n - successes + 0.5 })))
