import { describe, expect, it } from "vitest"
import { clopperPearsonInterval, jeffreysInterval, wilsonInterval } from "../src/index.ts"
import { binomialProbabilities } from "./binomial.ts"
import { seededGenerator, wholeNumber } from "./generator.ts"

const methods = [
  ["Wilson", wilsonInterval],
  ["Clopper-Pearson", clopperPearsonInterval],
  ["Jeffreys", jeffreysInterval]
] as const

describe("published intervals", () => {
  // Newcombe 1998, "Two-Sided Confidence Intervals for the Single Proportion: Comparison of Seven Methods", table I.
  it.each([
    [81, 263, 0.2553, 0.3662, 0.2527, 0.3676],
    [15, 148, 0.0624, 0.1605, 0.0578, 0.1617],
    [0, 20, 0, 0.1611, 0, 0.1684],
    [1, 29, 0.0061, 0.1718, 0.0009, 0.1776]
  ])("for %i of %i are Newcombe's to the digit", (successes, n, wilsonLower, wilsonUpper, exactLower, exactUpper) => {
    const wilson = wilsonInterval({ successes, n })
    const exact = clopperPearsonInterval({ successes, n })
    expect([wilson.lower, wilson.upper].map((end) => end.toFixed(4))).toEqual(
      [wilsonLower, wilsonUpper].map((end) => end.toFixed(4))
    )
    expect([exact.lower, exact.upper].map((end) => end.toFixed(4))).toEqual(
      [exactLower, exactUpper].map((end) => end.toFixed(4))
    )
  })

  it("of Clopper and Pearson have a closed form where nothing failed", () => {
    for (const n of [1, 5, 164, 10_000]) {
      const { lower, upper } = clopperPearsonInterval({ successes: n, n })
      expect(lower).toBeCloseTo(0.025 ** (1 / n), 14)
      expect(upper).toBe(1)
    }
  })

  it("of Jeffreys for one trial are those of the prior, moved by it", () => {
    // Beta(3/2, 1/2) has the distribution (2/pi) (asin(sqrt x) - sqrt(x (1-x))).
    const { lower, upper } = jeffreysInterval({ successes: 1, n: 1 })
    expect((2 / Math.PI) * (Math.asin(Math.sqrt(lower)) - Math.sqrt(lower * (1 - lower)))).toBeCloseTo(0.025, 14)
    expect(upper).toBe(1)
  })
})

describe.each(methods)("%s", (_, interval) => {
  it("contains the estimate, mirrors under failures, narrows with n and widens with confidence", () => {
    const next = seededGenerator(1927)
    for (let round = 0; round < 500; round += 1) {
      const n = wholeNumber(next, 1, round % 5 === 0 ? 1_000_000 : 200)
      const successes = wholeNumber(next, 0, n)
      const { lower, upper } = interval({ successes, n })
      expect(lower).toBeGreaterThanOrEqual(0)
      expect(lower).toBeLessThanOrEqual(successes / n)
      expect(upper).toBeGreaterThanOrEqual(successes / n)
      expect(upper).toBeLessThanOrEqual(1)
      const mirrored = interval({ successes: n - successes, n })
      expect(mirrored.lower).toBeCloseTo(1 - upper, 14)
      expect(mirrored.upper).toBeCloseTo(1 - lower, 14)
      const doubled = interval({ successes: 2 * successes, n: 2 * n })
      expect(doubled.upper - doubled.lower).toBeLessThan(upper - lower)
      const surer = interval({ successes, n, confidence: 0.99 })
      expect(surer.lower).toBeLessThanOrEqual(lower)
      expect(surer.upper).toBeGreaterThanOrEqual(upper)
    }
  })

  it("rises with the successes", () => {
    for (let successes = 0; successes < 60; successes += 1) {
      const [less, more] = [interval({ successes, n: 60 }), interval({ successes: successes + 1, n: 60 })]
      expect(more.lower).toBeGreaterThan(less.lower)
      expect(more.upper).toBeGreaterThan(less.upper)
    }
  })

  it("knows nothing from no trial, and is exact at the ends", () => {
    expect(interval({ successes: 0, n: 0 })).toEqual({ lower: 0, upper: 1 })
    expect(interval({ successes: 0, n: 9 }).lower).toBe(0)
    expect(interval({ successes: 9, n: 9 }).upper).toBe(1)
  })

  it("refuses nonsense", () => {
    const nonsense = [
      { successes: 0, n: -1 },
      { successes: -1, n: 3 },
      { successes: 4, n: 3 },
      { successes: 1.5, n: 3 },
      { successes: Number.NaN, n: 3 },
      { successes: 1, n: Number.NaN },
      { successes: 1, n: Number.POSITIVE_INFINITY },
      { successes: 1, n: 3, confidence: 0 },
      { successes: 1, n: 3, confidence: 1 },
      { successes: 0, n: 0, confidence: Number.NaN }
    ]
    for (const options of nonsense) expect(() => interval(options)).toThrow(RangeError)
  })
})

describe("coverage, summed over all outcomes", () => {
  const coverage = (interval: (typeof methods)[number][1], n: number, confidence: number): Array<number> => {
    const intervals = Array.from({ length: n + 1 }, (_, successes) => interval({ successes, n, confidence }))
    return Array.from({ length: 199 }, (_, index) => {
      const rate = (index + 1) / 200
      const chances = binomialProbabilities(n, rate)
      return chances.reduce((sum, chance, successes) => {
        const ends = intervals[successes]
        return ends !== undefined && ends.lower <= rate && rate <= ends.upper ? sum + chance : sum
      }, 0)
    })
  }
  const mean = (values: ReadonlyArray<number>): number => values.reduce((sum, value) => sum + value, 0) / values.length

  it.each([
    [1, 0.95],
    [5, 0.9],
    [20, 0.95],
    [50, 0.99],
    [100, 0.95]
  ])("of Clopper-Pearson with n = %i never falls below %d", (n, confidence) => {
    expect(Math.min(...coverage(clopperPearsonInterval, n, confidence))).toBeGreaterThanOrEqual(confidence - 1e-12)
  })

  it.each([
    [10, 0.95],
    [20, 0.95],
    [50, 0.9],
    [100, 0.99]
  ])(
    "of Wilson and Jeffreys with n = %i is %d in the mean, within 0.01, though below it somewhere",
    (n, confidence) => {
      for (const interval of [wilsonInterval, jeffreysInterval]) {
        const all = coverage(interval, n, confidence)
        expect(Math.abs(mean(all) - confidence)).toBeLessThan(0.01)
        expect(Math.min(...all)).toBeLessThan(confidence)
      }
    }
  )
})
