/** A point of the unit interval, as `x` and `complement` = 1 - x, so that neither end loses digits. */
export interface BetaPoint {
  readonly x: number
  readonly complement: number
  readonly a: number
  readonly b: number
}

/**
 * Logarithm of x^a (1-x)^b / B(a, b), the beta density with respect to the logit of x.
 *
 * Saddle-point form of Loader 2000, "Fast and Accurate Computation of Binomial Probabilities": the large logarithms of
 * the gamma function, whose difference would lose digits, never appear. Needs a, b > 0 and 0 < x < 1.
 */
export const logBetaWeight = ({ x, complement, a, b }: BetaPoint): number => {
  const total = a + b
  return (
    Math.log((a / total) * (b / (2 * Math.PI))) / 2 +
    (stirlingError(total) - stirlingError(a) - stirlingError(b)) -
    deviance(a, total * x) -
    deviance(b, total * complement)
  )
}

/** ln z! - ln(sqrt(2 pi z) (z/e)^z). Below 16 it climbs with the recurrence until the asymptotic series is exact. */
const stirlingError = (z: number): number => {
  let climbed = 0
  let at = z
  while (at < 16) {
    climbed += (at + 0.5) * Math.log1p(1 / at) - 1
    at += 1
  }
  const square = at * at
  // Bernoulli numbers B(2k) / (2k (2k-1)); the first term left out is below 1e-17 at 16.
  return (
    climbed +
    (1 / 12 -
      (1 / 360 - (1 / 1260 - (1 / 1680 - (1 / 1188 - 691 / 360360 / square) / square) / square) / square) / square) /
      at
  )
}

/** a ln(a/mean) + mean - a. Near a = mean the three terms cancel, so there a series in (mean-a)/(mean+a) takes over. */
const deviance = (a: number, mean: number): number => {
  const t = (mean - a) / a
  if (Math.abs(t) > 0.5) return a * Math.log(a / mean) + (mean - a)
  const v = t / (2 + t)
  let power = v * v * v
  let series = 0
  // |v| is at most 1/3 here, so 17 terms reach the last bit.
  for (let odd = 3; odd <= 35; odd += 2) {
    series += power / odd
    power *= v * v
  }
  return a * (t * v - 2 * series)
}
