import { describe, expect, it } from "vitest"
import { normalCdf, normalQuantile } from "../src/index.ts"
import { seededGenerator } from "./generator.ts"

describe("normalCdf", () => {
  // Computed with 50 digits by mpmath 1.3 (ncdf); the first two also stand in Abramowitz and Stegun 1964, table 26.1.
  it.each([
    [1, 0.8413447460685429],
    [-1.5, 0.06680720126885807],
    [-1.96, 0.024997895148220435],
    [-10, 7.619853024160525e-24],
    [-37, 5.725571222524577e-300]
  ])("keeps 14 digits at %d", (x, expected) => {
    expect(Math.abs(normalCdf(x) / expected - 1)).toBeLessThan(1e-14)
  })

  it("has tails that sum to one and rises without a step where the formula changes", () => {
    for (let x = -9; x <= 9; x += 1 / 64) {
      expect(normalCdf(x) + normalCdf(-x)).toBeCloseTo(1, 15)
      expect(normalCdf(x + 1 / 64)).toBeGreaterThanOrEqual(normalCdf(x))
    }
    expect(normalCdf(1.5) - normalCdf(1.5 - 1e-9)).toBeCloseTo(0, 9)
  })

  it("ends at 0 and 1 and refuses NaN", () => {
    expect([normalCdf(Number.NEGATIVE_INFINITY), normalCdf(0), normalCdf(Number.POSITIVE_INFINITY)]).toEqual([
      0, 0.5, 1
    ])
    expect(() => normalCdf(Number.NaN)).toThrow(RangeError)
  })
})

describe("normalQuantile", () => {
  // Computed with 50 digits by mpmath 1.3; Wichura 1988 uses the first three as a check of his program.
  it.each([
    [0.25, -0.6744897501960817],
    [0.001, -3.0902323061678136],
    [1e-20, -9.262340089798407],
    [0.025, -1.9599639845400543],
    [0.005, -2.575829303548901]
  ])("keeps 14 digits at %d", (probability, expected) => {
    expect(Math.abs(normalQuantile(probability) / expected - 1)).toBeLessThan(1e-14)
  })

  it("undoes normalCdf in the middle and far out", () => {
    const next = seededGenerator(241)
    for (let round = 0; round < 2000; round += 1) {
      const probability = round % 2 === 0 ? next() : 10 ** (-300 * next())
      expect(Math.abs(normalCdf(normalQuantile(probability)) / probability - 1)).toBeLessThan(1e-12)
    }
  })

  it("reaches infinity at both ends and refuses what is no probability", () => {
    expect([normalQuantile(0), normalQuantile(0.5), normalQuantile(1)]).toEqual([
      Number.NEGATIVE_INFINITY,
      0,
      Number.POSITIVE_INFINITY
    ])
    for (const wrong of [-0.1, 1.1, Number.NaN]) expect(() => normalQuantile(wrong)).toThrow(RangeError)
  })
})
