import { regularizedIncompleteBeta } from "./incompleteBeta.ts"
import { requireCount } from "./internal/inputs.ts"

/**
 * Two-sided exact p-value for "both variants pass equally often", from the samples on which they disagree.
 *
 * min(1, 2 P(X <= min(onlyFirst, onlySecond))) with X ~ Binomial(onlyFirst + onlySecond, 1/2), from McNemar 1947, "Note on
 * the Sampling Error of the Difference Between Correlated Proportions or Percentages". Never rejects a true equality more
 * often than the level says, usually less often. Assumes independent pairs: one pass or fail a sample and variant.
 *
 * No disagreement gives 1. Throws `RangeError` unless both counts are whole, from 0 to 1e9.
 */
export const mcnemarExact = (counts: DiscordantCounts): number => {
  const { fewer, total } = smallerSide(counts)
  return Math.min(1, 2 * atMost(fewer, total))
}

/**
 * The same with only half the probability of the counts observed: more power, the level held closely though not
 * strictly. Recommended by Fagerland, Lydersen and Laake 2013, "The McNemar Test for Binary Matched-Pairs Data: Mid-p
 * and Asymptotic Are Better Than Exact Conditional".
 *
 * The exact p-value less P(X = fewer); with equal counts 1 - P(X = fewer) / 2. No disagreement gives 1. Same failures.
 */
export const mcnemarMidP = (counts: DiscordantCounts): number => {
  const { fewer, total } = smallerSide(counts)
  if (total === 0) return 1
  const including = atMost(fewer, total)
  const excluding = atMost(fewer - 1, total)
  return 2 * fewer === total ? 1 - (including - excluding) / 2 : including + excluding
}

/** Samples that only the first variant passed, and samples that only the second passed. */
export interface DiscordantCounts {
  readonly onlyFirst: number
  readonly onlySecond: number
}

const smallerSide = ({
  onlyFirst,
  onlySecond
}: DiscordantCounts): { readonly fewer: number; readonly total: number } => {
  requireCount("onlyFirst", onlyFirst)
  requireCount("onlySecond", onlySecond)
  return { fewer: Math.min(onlyFirst, onlySecond), total: requireCount("their sum", onlyFirst + onlySecond) }
}

/** P(X <= count) for X ~ Binomial(total, 1/2), as a tail of the beta distribution: NIST DLMF 8.17.5. */
const atMost = (count: number, total: number): number => {
  if (count < 0) return 0
  return count >= total ? 1 : regularizedIncompleteBeta({ x: 0.5, a: total - count, b: count + 1 })
}
