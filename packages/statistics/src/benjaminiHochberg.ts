import { requireProbability } from "./internal/inputs.ts"

/**
 * Adjusted p-values that hold the expected share of false alarms among the alarms at the level they are read against:
 * for looking through many comparisons, where `holm` would be too strict.
 *
 * In falling order the i-th smallest of m becomes the smallest so far of (m / i) p, from Benjamini and Hochberg 1995,
 * "Controlling the False Discovery Rate: A Practical and Powerful Approach to Multiple Testing". Assumes p-values that
 * are independent or positively dependent.
 *
 * The result is in the order of the input; an empty list gives an empty list. Throws `RangeError` on a value outside
 * [0, 1] or NaN.
 */
export const benjaminiHochberg = (pValues: ReadonlyArray<number>): Array<number> => {
  for (const pValue of pValues) requireProbability("A p-value", pValue)
  const falling = pValues.map((pValue, index) => ({ pValue, index })).sort((one, other) => other.pValue - one.pValue)
  const adjusted = new Array<number>(pValues.length)
  let smallest = 1
  for (const [passed, { pValue, index }] of falling.entries()) {
    smallest = Math.min(smallest, (pValues.length / (pValues.length - passed)) * pValue)
    adjusted[index] = smallest
  }
  return adjusted
}
