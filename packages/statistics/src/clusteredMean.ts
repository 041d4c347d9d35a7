import { tailProbability } from "./internal/inputs.ts"
import type { Interval } from "./interval.ts"
import { studentTQuantile } from "./studentT.ts"

/**
 * Mean over samples, with the uncertainty that remains when samples of one cluster (one document, one conversation)
 * resemble each other. Give one value a sample: the mean of its trials. A sample alone in its cluster is a cluster of one,
 * and with only such clusters this is the textbook mean with standard error s / sqrt(n).
 *
 * The standard error is sqrt(G/(G-1) * sum over clusters of (sum of deviations)²) / n, from Liang and Zeger 1986,
 * "Longitudinal Data Analysis Using Generalized Linear Models", applied to scores by Miller 2024, "Adding Error Bars to
 * Evals", with the factor G/(G-1) against its bias at few clusters. The interval is that of Student's t with G-1
 * degrees of freedom. Assumes independent clusters of not too unequal size; below some ten clusters it is still too
 * narrow when sizes differ much. Every value weighs the same, so a large cluster weighs more.
 *
 * One cluster says nothing about the spread: standard error Infinity, interval from -Infinity to Infinity, 0 degrees of
 * freedom. Equal values give a width of 0, which is no proof of certainty; for pass/fail use `wilsonInterval`. The
 * interval is not clipped to the range of the scores. No observation gives `undefined`. Throws `RangeError` for values
 * that are not finite and confidence outside (0, 1).
 */
export const clusteredMean = ({ observations, confidence = 0.95 }: ClusteredMeanOptions): ClusteredMean | undefined => {
  const tail = tailProbability(confidence)
  for (const { value } of observations) {
    if (!Number.isFinite(value)) throw new RangeError(`A value must be a finite number, but one is ${value}.`)
  }
  const n = observations.length
  if (n === 0) return undefined
  const estimate = observations.reduce((sum, { value }) => sum + value, 0) / n
  const deviations = new Map<string | number, number>()
  for (const { value, cluster } of observations) {
    deviations.set(cluster, (deviations.get(cluster) ?? 0) + (value - estimate))
  }
  const clusters = deviations.size
  const degreesOfFreedom = clusters - 1
  if (degreesOfFreedom === 0) {
    const everything = { lower: Number.NEGATIVE_INFINITY, upper: Number.POSITIVE_INFINITY }
    return { estimate, standardError: Number.POSITIVE_INFINITY, degreesOfFreedom, clusters, ...everything }
  }
  let squares = 0
  for (const deviation of deviations.values()) squares += deviation * deviation
  const standardError = Math.sqrt((clusters / degreesOfFreedom) * squares) / n
  const margin = -studentTQuantile({ probability: tail, degreesOfFreedom }) * standardError
  return { estimate, standardError, degreesOfFreedom, clusters, lower: estimate - margin, upper: estimate + margin }
}

/** `cluster` names the group a sample belongs to; the number 1 and the string "1" are different names. */
export interface ClusteredMeanOptions {
  readonly observations: ReadonlyArray<{ readonly value: number; readonly cluster: string | number }>
  readonly confidence?: number
}

/** `estimate`, `standardError` and the interval are in the unit of the values. */
export interface ClusteredMean extends Interval {
  readonly estimate: number
  readonly standardError: number
  readonly degreesOfFreedom: number
  readonly clusters: number
}
