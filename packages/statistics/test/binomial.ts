/** Exact C(n, k), by whole-number arithmetic that shares nothing with the code under test. */
export const choose = (n: number, k: number): bigint => {
  let result = 1n
  for (let index = 0; index < k; index += 1) result = (result * BigInt(n - index)) / BigInt(index + 1)
  return result
}

/** P(X = k) for every k from 0 to n, X ~ Binomial(n, p) with p in (0, 1). */
export const binomialProbabilities = (n: number, p: number): Array<number> =>
  Array.from({ length: n + 1 }, (_, k) => Number(choose(n, k)) * p ** k * (1 - p) ** (n - k))

/** The quotient of two whole numbers of any size, to 15 digits or more. */
export const quotient = (numerator: bigint, denominator: bigint): number => {
  // Both are cut to the leading 1000 bits, where they fit a double.
  const excess = BigInt(Math.max(0, denominator.toString(2).length - 1000))
  const kept = numerator >> excess
  return Number(kept) / Number(denominator >> excess)
}
