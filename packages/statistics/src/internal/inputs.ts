/** The most a count may be: far beyond any run, and low enough that a product of two counts keeps 15 digits. */
export const largestCount = 1e9

/** Hands back a count unchanged. Throws `RangeError` unless it is a whole number from 0 to `largestCount`. */
export const requireCount = (name: string, count: number): number => {
  if (!Number.isInteger(count) || count < 0 || count > largestCount) {
    throw new RangeError(`${name} must be a whole number from 0 to ${largestCount}, but it is ${count}.`)
  }
  return count
}

/** Throws `RangeError` unless `successes` and `n` are counts with `successes` at most `n`. */
export const requireProportion = ({ successes, n }: { readonly successes: number; readonly n: number }): void => {
  requireCount("successes", successes)
  requireCount("n", n)
  if (successes > n) throw new RangeError(`successes must be at most n, but ${successes} is more than ${n}.`)
}

/** Hands back a probability unchanged. Throws `RangeError` unless it lies in [0, 1]. */
export const requireProbability = (name: string, probability: number): number => {
  // Written so that NaN, which compares false with everything, is refused too.
  if (!(probability >= 0 && probability <= 1)) {
    throw new RangeError(`${name} must lie from 0 to 1, but it is ${probability}.`)
  }
  return probability
}

/** What a two-sided interval leaves out at each end: (1 - confidence) / 2. Throws `RangeError` outside (0, 1). */
export const tailProbability = (confidence: number): number => {
  if (!(confidence > 0 && confidence < 1)) {
    throw new RangeError(`confidence must lie strictly between 0 and 1, but it is ${confidence}.`)
  }
  return (1 - confidence) / 2
}
