import { type BetaPoint, logBetaWeight } from "./betaWeight.ts"

/**
 * Logarithms of both tails of the beta distribution at a point, and of its density with respect to the logit of x.
 *
 * The tail that leaves out the mean comes from a continued fraction, the other as one minus it. Logarithms, because far
 * out the tails leave the range of a double. Needs a, b > 0 and 0 < x < 1.
 */
export const betaTails = (point: BetaPoint): BetaTails => {
  const { x, complement, a, b } = point
  const logWeight = logBetaWeight(point)
  if (a * complement >= b * x) {
    const logLower = logWeight - Math.log(continuedFraction(point))
    return { logLower, logUpper: Math.log1p(-Math.exp(logLower)), logWeight }
  }
  const logUpper = logWeight - Math.log(continuedFraction({ x: complement, complement: x, a: b, b: a }))
  return { logLower: Math.log1p(-Math.exp(logUpper)), logUpper, logWeight }
}

interface BetaTails {
  readonly logLower: number
  readonly logUpper: number
  readonly logWeight: number
}

/** Fewer than 10,000 steps were ever seen, for shapes from 1e-3 to 1e9; a million can only be a defect. */
const mostSteps = 1_000_000

/**
 * Weight over tail, as the even part of the fraction NIST DLMF 8.17.22; Didonato and Morris 1992, "Algorithm 708:
 * Significant Digit Computation of the Incomplete Beta Function Ratios". The plain fraction starts with 1 - (a+b)x/(a+1),
 * which loses all digits for large a near x = 1; here that difference enters once, as a (1-x) - b x, at least 0.
 * Evaluated by the modified Lentz recurrence of Thompson and Barnett 1986, "Coulomb and Bessel Functions of Complex
 * Arguments and Order".
 */
const continuedFraction = ({ x, complement, a, b }: BetaPoint): number => {
  const beforeMean = a * complement - b * x
  let fraction = (a * (beforeMean + 1)) / (a + 1)
  let numeratorRatio = fraction
  let denominatorRatio = 0
  for (let step = 1; step <= mostSteps; step += 1) {
    const odd = a + 2 * step - 1
    const common = (step * (b - step) * x) / odd
    const partialNumerator = (((a + step - 1) * (a + b + step - 1)) / odd) * x * common
    const partialDenominator = step + common + ((a + step) / (odd + 2)) * (beforeMean + 1 + step * (1 + complement))
    denominatorRatio = 1 / nonZero(partialDenominator + partialNumerator * denominatorRatio)
    numeratorRatio = nonZero(partialDenominator + partialNumerator / numeratorRatio)
    const factor = numeratorRatio * denominatorRatio
    fraction *= factor
    if (Math.abs(factor - 1) <= 2 * Number.EPSILON) return fraction
  }
  throw new Error(`The continued fraction of the beta distribution did not settle for x=${x}, a=${a}, b=${b}.`)
}

/** The recurrence divides by these; an exact zero is replaced by something far below the last bit. */
const nonZero = (value: number): number => (value === 0 ? 1e-300 : value)
