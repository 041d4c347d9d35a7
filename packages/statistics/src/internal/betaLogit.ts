import { betaTails } from "./betaTails.ts"

/**
 * The logit ln(x / (1-x)) of the point with the given tails of the beta distribution; its ends are -700 and 700.
 *
 * Over the logit the density is log-concave, and so are both tails. Newton's steps on the logarithm of a tail
 * therefore land, from the second point on, always on the far side of the root and approach it without turning:
 * no bracket is needed, and the first step that does not advance is the rounding floor.
 *
 * Both tails are given, since 1 - lower would forget a small upper tail. They must be above 0 and sum to 1.
 */
export const betaLogit = ({ lower, upper, a, b }: BetaQuantile): number =>
  lower <= upper ? lowerTailLogit(lower, a, b) : -lowerTailLogit(upper, b, a)

interface BetaQuantile {
  readonly lower: number
  readonly upper: number
  readonly a: number
  readonly b: number
}

/** Beyond 700, e^700 nears the largest double and x is below 1e-304: zero for every purpose here. */
const farthest = 700

/** Steps double the digits; fewer than 30 were ever seen, so 200 can only be a defect. */
const mostSteps = 200

const lowerTailLogit = (lower: number, a: number, b: number): number => {
  const target = Math.log(lower)
  let logit = Math.log(a / b)
  for (let step = 0; step < mostSteps; step += 1) {
    const x = 1 / (1 + Math.exp(-logit))
    const { logLower, logWeight } = betaTails({ x, complement: 1 / (1 + Math.exp(logit)), a, b })
    const advance = (target - logLower) * Math.exp(logLower - logWeight)
    const next = Math.min(Math.max(logit + advance, -farthest), farthest)
    // Around logit 0 a change below the last bit of 1 cannot be seen in x, so it is measured against 1 there.
    if (Math.abs(next - logit) <= Number.EPSILON * Math.max(1, Math.abs(logit))) return next
    if (step > 0 && advance <= 0) return logit
    logit = next
  }
  throw new Error(`The beta quantile did not settle for tail ${lower}, a=${a}, b=${b}.`)
}
