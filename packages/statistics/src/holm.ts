import { requireProbability } from "./internal/inputs.ts"

/**
 * Adjusted p-values that hold the chance of even one false alarm among all comparisons at the level they are read
 * against, whatever the dependence between them.
 *
 * In rising order the i-th of m becomes the largest so far of (m - i + 1) p, at most 1, from Holm 1979, "A Simple
 * Sequentially Rejective Multiple Test Procedure". Assumes that each p-value is valid by itself.
 *
 * The result is in the order of the input; an empty list gives an empty list. Throws `RangeError` on a value outside
 * [0, 1] or NaN.
 */
export const holm = (pValues: ReadonlyArray<number>): Array<number> => {
  for (const pValue of pValues) requireProbability("A p-value", pValue)
  const rising = pValues.map((pValue, index) => ({ pValue, index })).sort((one, other) => one.pValue - other.pValue)
  const adjusted = new Array<number>(pValues.length)
  let largest = 0
  for (const [rank, { pValue, index }] of rising.entries()) {
    largest = Math.max(largest, Math.min(1, (pValues.length - rank) * pValue))
    adjusted[index] = largest
  }
  return adjusted
}
