import { betaLogit } from "./internal/betaLogit.ts"
import { betaTails } from "./internal/betaTails.ts"
import { largestCount, requireProbability } from "./internal/inputs.ts"

/**
 * Probability that Student's t with the given degrees of freedom is at most `t`: below 0 it is half of
 * I_x(v/2, 1/2) at x = v/(v + t²), NIST DLMF 8.17; from Student 1908, "The Probable Error of a Mean".
 *
 * Infinite `t` gives 0 or 1. Throws `RangeError` on NaN and for degrees of freedom outside [1, 1e9], whole or not.
 */
export const studentTCdf = ({ t, degreesOfFreedom }: { readonly t: number } & Freedom): number => {
  requireFreedom(degreesOfFreedom)
  if (Number.isNaN(t)) throw new RangeError("t must be a number, but it is NaN.")
  const outside = Math.exp(logOutside(t * t, degreesOfFreedom))
  return t < 0 ? outside / 2 : 1 - outside / 2
}

/**
 * The point below which Student's t falls with the given probability: sqrt(v (1-x)/x) with x the quantile of
 * Beta(v/2, 1/2) at twice the smaller tail.
 *
 * 0 gives -Infinity, 1/2 gives 0, 1 gives Infinity. For a probability close to 1 ask for the other tail and change the
 * sign. Throws `RangeError` for a probability outside [0, 1], degrees of freedom outside [1, 1e9], and NaN.
 */
export const studentTQuantile = ({
  probability,
  degreesOfFreedom
}: { readonly probability: number } & Freedom): number => {
  requireProbability("probability", probability)
  requireFreedom(degreesOfFreedom)
  if (probability === 0.5) return 0
  const sign = probability < 0.5 ? -1 : 1
  const tail = Math.min(probability, 1 - probability)
  if (tail === 0) return sign * Number.POSITIVE_INFINITY
  const logit = betaLogit({ lower: 2 * tail, upper: 2 * (0.5 - tail), a: degreesOfFreedom / 2, b: 0.5 })
  return sign * Math.sqrt(degreesOfFreedom) * Math.exp(-logit / 2)
}

/** Both x and 1-x are formed without subtraction, so that t near 0 and t far out keep their digits. */
const logOutside = (square: number, degreesOfFreedom: number): number => {
  const x = degreesOfFreedom / (degreesOfFreedom + square)
  const complement = square / (degreesOfFreedom + square)
  if (square === 0 || complement === 0) return 0
  if (x === 0 || square === Number.POSITIVE_INFINITY) return Number.NEGATIVE_INFINITY
  return betaTails({ x, complement, a: degreesOfFreedom / 2, b: 0.5 }).logLower
}

interface Freedom {
  readonly degreesOfFreedom: number
}

const requireFreedom = (degreesOfFreedom: number): void => {
  if (!(degreesOfFreedom >= 1 && degreesOfFreedom <= largestCount)) {
    throw new RangeError(`degreesOfFreedom must lie from 1 to ${largestCount}, but it is ${degreesOfFreedom}.`)
  }
}
