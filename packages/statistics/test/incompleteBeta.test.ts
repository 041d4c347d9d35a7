import { expect, it } from "vitest"
import { inverseRegularizedIncompleteBeta, regularizedIncompleteBeta } from "../src/index.ts"
import { choose, quotient } from "./binomial.ts"
import { seededGenerator } from "./generator.ts"

const relativeError = (actual: number, expected: number): number => Math.abs(actual / expected - 1)

it("meets the closed forms for b = 1, a = 1 and the arcsine law", () => {
  for (const x of [1e-9, 0.01, 0.3, 0.5, 0.77, 0.999]) {
    expect(relativeError(regularizedIncompleteBeta({ x, a: 7.5, b: 1 }), x ** 7.5)).toBeLessThan(1e-13)
    expect(relativeError(regularizedIncompleteBeta({ x, a: 1, b: 40 }), -Math.expm1(40 * Math.log1p(-x)))).toBeLessThan(
      1e-13
    )
    const arcsine = (2 / Math.PI) * Math.asin(Math.sqrt(x))
    expect(relativeError(regularizedIncompleteBeta({ x, a: 0.5, b: 0.5 }), arcsine)).toBeLessThan(1e-13)
  }
})

it("equals exact binomial tails, also those of 1e-200", () => {
  for (const [n, count] of [
    [7, 3],
    [100, 20],
    [700, 4],
    [1500, 700]
  ] as const) {
    let ways = 0n
    for (let k = 0; k <= count; k += 1) ways += choose(n, k)
    const exact = quotient(ways, 2n ** BigInt(n))
    expect(relativeError(regularizedIncompleteBeta({ x: 0.5, a: n - count, b: count + 1 }), exact)).toBeLessThan(1e-12)
  }
})

it("keeps its digits where one shape is a billion", () => {
  // mpmath 1.3, 40 digits, as 1 - (first three terms of the binomial); scipy 1.17.1 is wrong here from the tenth digit.
  const x = 5.322320406132136e-9
  expect(relativeError(regularizedIncompleteBeta({ x, a: 3, b: 999_999_997 }), 0.9000000049652819)).toBeLessThan(1e-13)
})

it("gives tails that sum to one", () => {
  const next = seededGenerator(8)
  for (let round = 0; round < 500; round += 1) {
    const [a, b, x] = [10 ** (6 * next() - 2), 10 ** (6 * next() - 2), next()]
    const lower = regularizedIncompleteBeta({ x, a, b })
    expect(lower + regularizedIncompleteBeta({ x: 1 - x, a: b, b: a })).toBeCloseTo(1, 11)
  }
})

it("is undone by its inverse for shapes from 0.01 to a billion and tails down to 1e-30", () => {
  const next = seededGenerator(17)
  for (let round = 0; round < 1000; round += 1) {
    const [a, b] = [10 ** (11 * next() - 2), 10 ** (11 * next() - 2)]
    const probability = round % 2 === 0 ? next() : 10 ** (-30 * next())
    const x = inverseRegularizedIncompleteBeta({ probability, a, b })
    // Beyond these ends the neighbouring doubles are too far apart, or x itself has underflown, to tell tails apart.
    if (x < 1e-290 || x > 0.9) continue
    expect(relativeError(regularizedIncompleteBeta({ x, a, b }), probability)).toBeLessThan(1e-9)
  }
})

it("has its ends at 0 and 1 and refuses nonsense", () => {
  expect(regularizedIncompleteBeta({ x: 0, a: 2, b: 3 })).toBe(0)
  expect(regularizedIncompleteBeta({ x: 1, a: 2, b: 3 })).toBe(1)
  expect(inverseRegularizedIncompleteBeta({ probability: 0, a: 2, b: 3 })).toBe(0)
  expect(inverseRegularizedIncompleteBeta({ probability: 1, a: 2, b: 3 })).toBe(1)
  for (const wrong of [-0.1, 1.1, Number.NaN]) {
    expect(() => regularizedIncompleteBeta({ x: wrong, a: 2, b: 3 })).toThrow(RangeError)
    expect(() => inverseRegularizedIncompleteBeta({ probability: wrong, a: 2, b: 3 })).toThrow(RangeError)
  }
  for (const wrong of [0, -1, 1e12, Number.NaN]) {
    expect(() => regularizedIncompleteBeta({ x: 0.5, a: wrong, b: 3 })).toThrow(RangeError)
    expect(() => inverseRegularizedIncompleteBeta({ probability: 0.5, a: 2, b: wrong })).toThrow(RangeError)
  }
})
