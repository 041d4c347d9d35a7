import { requireProbability } from "./internal/inputs.ts"

/**
 * The point below which a standard normal variable falls with the given probability: the inverse of `normalCdf`.
 *
 * Rational approximations PPND16 of Wichura 1988, "Algorithm AS 241: The Percentage Points of the Normal Distribution",
 * relative error near 1e-16. For a probability close to 1 ask for the other tail and change the sign: 1 - 1e-20 is 1.
 *
 * 0 gives -Infinity and 1 gives Infinity. Throws `RangeError` outside [0, 1] and on NaN.
 */
export const normalQuantile = (probability: number): number => {
  requireProbability("probability", probability)
  const offset = probability - 0.5
  if (Math.abs(offset) <= 0.425) {
    const r = 0.180625 - offset * offset
    return (offset * polynomial(middle.above, r)) / polynomial(middle.below, r)
  }
  const tail = offset < 0 ? probability : 1 - probability
  if (tail === 0) return offset < 0 ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY
  const r = Math.sqrt(-Math.log(tail))
  const [part, shifted] = r <= 5 ? [shoulder, r - 1.6] : [farTail, r - 5]
  const distance = polynomial(part.above, shifted) / polynomial(part.below, shifted)
  return offset < 0 ? -distance : distance
}

const polynomial = (coefficients: ReadonlyArray<number>, x: number): number =>
  coefficients.reduceRight((sum, coefficient) => sum * x + coefficient, 0)

// The published coefficients, constant term first, each rounded to the nearest double.

const middle = {
  above: [
    3.3871328727963665, 133.14166789178438, 1971.5909503065513, 13731.69376550946, 45921.95393154987, 67265.7709270087,
    33430.57558358813, 2509.0809287301227
  ],
  below: [
    1, 42.31333070160091, 687.1870074920579, 5394.196021424751, 21213.794301586597, 39307.89580009271,
    28729.085735721943, 5226.495278852854
  ]
}

const shoulder = {
  above: [
    1.4234371107496835, 4.630337846156546, 5.769497221460691, 3.6478483247632045, 1.2704582524523684,
    0.2417807251774506, 0.022723844989269184, 0.0007745450142783414
  ],
  below: [
    1, 2.053191626637759, 1.6763848301838038, 0.6897673349851, 0.14810397642748008, 0.015198666563616457,
    0.0005475938084995345, 1.0507500716444169e-9
  ]
}

const farTail = {
  above: [
    6.657904643501103, 5.463784911164114, 1.7848265399172913, 0.29656057182850487, 0.026532189526576124,
    0.0012426609473880784, 2.7115555687434876e-5, 2.0103343992922881e-7
  ],
  below: [
    1, 0.599832206555888, 0.1369298809227358, 0.014875361290850615, 0.0007868691311456133, 1.8463183175100548e-5,
    1.421511758316446e-7, 2.0442631033899397e-15
  ]
}
