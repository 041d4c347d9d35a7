import { describe, expect, it } from "vitest"
import { benjaminiHochberg, holm } from "../src/index.ts"
import { seededGenerator } from "./generator.ts"

// Benjamini and Hochberg 1995, section 3.2: fifteen comparisons of two treatments after a heart attack.
const heartAttack = [
  0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.324, 0.4262, 0.5719, 0.6528, 0.759, 1
]
const alarms = (adjusted: ReadonlyArray<number>): number => adjusted.filter((pValue) => pValue <= 0.05).length

it("raises the alarms of the paper of Benjamini and Hochberg: four, and three where no false one is allowed", () => {
  expect(alarms(benjaminiHochberg(heartAttack))).toBe(4)
  expect(alarms(holm(heartAttack))).toBe(3)
})

it("adjusts a short list as worked by hand, in the order given", () => {
  expect(holm([0.04, 0.01, 0.03])).toEqual([0.06, 0.03, 0.06])
  const [first, second, third] = benjaminiHochberg([0.04, 0.01, 0.03])
  expect(first).toBeCloseTo(0.04, 15)
  expect(second).toBeCloseTo(0.03, 15)
  expect(third).toBeCloseTo(0.04, 15)
})

describe.each([
  ["holm", holm],
  ["benjaminiHochberg", benjaminiHochberg]
] as const)("%s", (_, adjust) => {
  it("never lowers a p-value, never passes 1, keeps the order and follows its inputs when they are shuffled", () => {
    const next = seededGenerator(1979)
    for (let round = 0; round < 200; round += 1) {
      const pValues = Array.from({ length: 12 }, () => next() ** 3)
      const adjusted = adjust(pValues)
      const reversed = adjust(pValues.toReversed()).toReversed()
      expect(reversed).toEqual(adjusted)
      const pairs = pValues.map((pValue, index) => [pValue, adjusted[index] ?? Number.NaN] as const)
      for (const [pValue, after] of pairs) {
        expect(after).toBeGreaterThanOrEqual(pValue)
        expect(after).toBeLessThanOrEqual(1)
        for (const [other, otherAfter] of pairs) if (other > pValue) expect(otherAfter).toBeGreaterThanOrEqual(after)
      }
    }
  })

  it("leaves one p-value alone, gives nothing for nothing and refuses what is no probability", () => {
    expect(adjust([0.03])).toEqual([0.03])
    expect(adjust([])).toEqual([])
    for (const wrong of [-0.01, 1.01, Number.NaN]) expect(() => adjust([0.5, wrong])).toThrow(RangeError)
  })
})
