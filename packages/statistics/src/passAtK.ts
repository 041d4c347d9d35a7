import { requireCount, requireProportion } from "./internal/inputs.ts"

/**
 * Unbiased estimate, from n trials of one sample, of the chance that at least one of k trials succeeds.
 *
 * 1 - C(n-c, k) / C(n, k) with c successes, as a product of ratios that cannot overflow, from Chen et al. 2021,
 * "Evaluating Large Language Models Trained on Code". Assumes independent trials. Average it over samples; do not put
 * the mean pass rate into it.
 *
 * There is no answer from fewer than k trials. Throws `RangeError` unless 0 <= successes <= n and 1 <= k <= n are whole;
 * so n = 0 always throws. Takes at most a million steps.
 */
export const passAtK = ({ successes, n, k }: PassOptions): number => {
  requireDraw({ successes, n, k })
  return 1 - chanceOfAll(n - successes, n, k)
}

/**
 * Unbiased estimate, from n trials of one sample, of the chance that all of k trials succeed: pass^k, the reliability.
 *
 * C(c, k) / C(n, k), from Yao et al. 2024, "tau-bench: A Benchmark for Tool-Agent-User Interaction in Real-World
 * Domains". Same assumptions, bounds and failures as `passAtK`.
 */
export const passHatK = ({ successes, n, k }: PassOptions): number => {
  requireDraw({ successes, n, k })
  return chanceOfAll(successes, n, k)
}

/** Successes out of n trials of one sample, and the k trials asked about. */
export interface PassOptions {
  readonly successes: number
  readonly n: number
  readonly k: number
}

/** C(marked, k) / C(n, k): the chance that k draws without replacement take marked trials only. */
const chanceOfAll = (marked: number, n: number, k: number): number => {
  if (marked < k) return 0
  // The ratio is symmetric in k and n - marked, so the shorter product serves. A long one soon underflows to 0: it stays
  // above 0 only while steps * other / n is below some 750, so even at n = 1e9 it ends within a million steps.
  const steps = Math.min(k, n - marked)
  const other = Math.max(k, n - marked)
  let chance = 1
  for (let index = 0; index < steps && chance > 0; index += 1) chance *= (n - other - index) / (n - index)
  return chance
}

const requireDraw = ({ successes, n, k }: PassOptions): void => {
  requireProportion({ successes, n })
  requireCount("k", k)
  if (k < 1 || k > n) throw new RangeError(`k must lie from 1 to n = ${n}, but it is ${k}.`)
}
