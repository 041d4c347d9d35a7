/**
 * Probability that a standard normal variable is at most `x`. The upper tail is `normalCdf(-x)`, which keeps its digits.
 *
 * Within 1.5 of the middle: 1/2 + phi(x) (x + x^3/3 + x^5/(3*5) + ...), from Marsaglia 2004, "Evaluating the Normal
 * Distribution". Further out: phi(x) / (|x| + 1/(|x| + 2/(|x| + 3/...))), the continued fraction of Laplace for the
 * ratio of Mills, as in NIST DLMF 7.9.
 *
 * The relative error stays below 1e-14 down to x = -37.5, where the result leaves the normal doubles; below -38.6 the
 * result is 0. Infinite `x` gives 0 or 1. Throws `RangeError` on NaN.
 */
export const normalCdf = (x: number): number => {
  if (Number.isNaN(x)) throw new RangeError("normalCdf needs a number, but it got NaN.")
  const distance = Math.abs(x)
  if (distance < 1.5) return 0.5 + density(x) * oddSeries(x)
  const tail = density(distance) * millsRatio(distance)
  return x < 0 ? tail : 1 - tail
}

const rootOfTwoPi = Math.sqrt(2 * Math.PI)

/** The square is split, because rounding x*x would cost x*x units in the last place of the exponential. */
const density = (x: number): number => {
  if (!Number.isFinite(x)) return 0
  const coarse = Math.trunc(x * 16) / 16
  return (Math.exp((-coarse * coarse) / 2) * Math.exp((-(x - coarse) * (x + coarse)) / 2)) / rootOfTwoPi
}

/** All terms share the sign of x, so nothing cancels; 30 of them pass the last bit at 1.5. */
const oddSeries = (x: number): number => {
  let term = x
  let sum = x
  for (let divisor = 3; divisor <= 61; divisor += 2) {
    term *= (x * x) / divisor
    sum += term
  }
  return sum
}

/** Evaluated from the inside out; the depth that settles the last bit grows as the point nears the middle. */
const millsRatio = (x: number): number => {
  let denominator = x
  for (let depth = Math.ceil(20 + 500 / (x * x)); depth >= 1; depth -= 1) denominator = x + depth / denominator
  return 1 / denominator
}
