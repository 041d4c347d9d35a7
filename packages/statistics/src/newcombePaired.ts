import { requireCount, tailProbability } from "./internal/inputs.ts"
import type { Interval } from "./interval.ts"
import type { DiscordantCounts } from "./mcnemar.ts"
import { wilsonInterval } from "./wilson.ts"

/**
 * Interval for the difference of two pass rates, first minus second, measured on the same samples.
 *
 * Method 10 of Newcombe 1998, "Improved Confidence Intervals for the Difference Between Binomial Proportions Based on
 * Paired Data": Wilson intervals of both rates, joined by their squares with the correlation phi, whose numerator is
 * drawn towards 0 by n/2 when positive. Closed form and never outside [-1, 1]. Assumes independent pairs.
 *
 * No sample gives [-1, 1]. Throws `RangeError` unless all counts are whole with a sum of at most 1e9, and confidence lies
 * in (0, 1).
 */
export const newcombePairedInterval = ({
  both,
  onlyFirst,
  onlySecond,
  neither,
  confidence = 0.95
}: PairedCounts & { readonly confidence?: number }): Interval => {
  tailProbability(confidence)
  for (const [name, count] of Object.entries({ both, onlyFirst, onlySecond, neither })) requireCount(name, count)
  const n = requireCount("the sum of the counts", both + onlyFirst + onlySecond + neither)
  if (n === 0) return { lower: -1, upper: 1 }
  const first = distances(both + onlyFirst, n, confidence)
  const second = distances(both + onlySecond, n, confidence)
  const difference = (onlyFirst - onlySecond) / n
  const correlation = phi({ both, onlyFirst, onlySecond, neither })
  return {
    lower: Math.max(-1, difference - joined(first.down, second.up, correlation)),
    upper: Math.min(1, difference + joined(first.up, second.down, correlation))
  }
}

/** Samples by outcome: passed by both variants, by one of them only, by neither. */
export interface PairedCounts extends DiscordantCounts {
  readonly both: number
  readonly neither: number
}

/** How far the Wilson interval reaches below and above the observed rate. */
const distances = (
  successes: number,
  n: number,
  confidence: number
): { readonly down: number; readonly up: number } => {
  const { lower, upper } = wilsonInterval({ successes, n, confidence })
  return { down: successes / n - lower, up: upper - successes / n }
}

/** Roots are taken one by one, since the product of four counts may pass 2^53. A margin of zero means no correlation. */
const phi = ({ both, onlyFirst, onlySecond, neither }: PairedCounts): number => {
  const margins = [both + onlyFirst, onlySecond + neither, both + onlySecond, onlyFirst + neither]
  const scale = margins.reduce((product, margin) => product * Math.sqrt(margin), 1)
  if (scale === 0) return 0
  const raw = both * neither - onlyFirst * onlySecond
  const corrected = raw > 0 ? Math.max(0, raw - (both + onlyFirst + onlySecond + neither) / 2) : raw
  return corrected / scale
}

/** The square may fall a rounding error below zero when the correlation is 1. */
const joined = (one: number, other: number, correlation: number): number =>
  Math.sqrt(Math.max(0, one * one - 2 * correlation * one * other + other * other))
