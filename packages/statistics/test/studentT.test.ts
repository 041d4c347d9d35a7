import { expect, it } from "vitest"
import { normalQuantile, studentTCdf, studentTQuantile } from "../src/index.ts"

// Any printed table of Student's t, for instance NIST/SEMATECH e-Handbook of Statistical Methods 1.3.6.7.2.
it.each([
  [0.975, 1, 12.706],
  [0.975, 4, 2.776],
  [0.975, 10, 2.228],
  [0.995, 5, 4.032],
  [0.95, 30, 1.697],
  [0.975, 100, 1.984]
])(
  "prints the table's value for probability %d and %i degrees of freedom",
  (probability, degreesOfFreedom, expected) => {
    expect(studentTQuantile({ probability, degreesOfFreedom })).toBeCloseTo(expected, 3)
  }
)

it("meets the closed forms for one and two degrees of freedom", () => {
  for (const probability of [1e-9, 0.01, 0.2, 0.4999, 0.6, 0.99]) {
    const centred = 2 * probability - 1
    const cauchy = Math.tan((Math.PI * centred) / 2)
    const two = centred * Math.sqrt(2 / (4 * probability * (1 - probability)))
    expect(studentTQuantile({ probability, degreesOfFreedom: 1 }) / cauchy).toBeCloseTo(1, 6)
    expect(studentTQuantile({ probability, degreesOfFreedom: 2 }) / two).toBeCloseTo(1, 12)
  }
})

it("is undone by its distribution function and approaches the normal", () => {
  for (const degreesOfFreedom of [1, 1.5, 7, 49, 1000, 1e6]) {
    for (const probability of [1e-12, 0.005, 0.3, 0.499999, 0.5, 0.7, 0.975]) {
      const t = studentTQuantile({ probability, degreesOfFreedom })
      expect(Math.abs(studentTCdf({ t, degreesOfFreedom }) / probability - 1)).toBeLessThan(1e-11)
    }
  }
  expect(studentTQuantile({ probability: 0.975, degreesOfFreedom: 1e9 })).toBeCloseTo(normalQuantile(0.975), 8)
})

it("has its ends at infinity and refuses nonsense", () => {
  const freedom = { degreesOfFreedom: 3 }
  expect(studentTQuantile({ probability: 0, ...freedom })).toBe(Number.NEGATIVE_INFINITY)
  expect(studentTQuantile({ probability: 1, ...freedom })).toBe(Number.POSITIVE_INFINITY)
  expect(studentTCdf({ t: Number.NEGATIVE_INFINITY, ...freedom })).toBe(0)
  expect(studentTCdf({ t: 0, ...freedom })).toBe(0.5)
  expect(studentTCdf({ t: Number.POSITIVE_INFINITY, ...freedom })).toBe(1)
  expect(() => studentTCdf({ t: Number.NaN, ...freedom })).toThrow(RangeError)
  expect(() => studentTQuantile({ probability: 1.5, ...freedom })).toThrow(RangeError)
  for (const degreesOfFreedom of [0, -1, Number.NaN, Number.POSITIVE_INFINITY]) {
    expect(() => studentTCdf({ t: 1, degreesOfFreedom })).toThrow(RangeError)
    expect(() => studentTQuantile({ probability: 0.5, degreesOfFreedom })).toThrow(RangeError)
  }
})
