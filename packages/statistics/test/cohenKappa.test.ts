import { expect, it } from "vitest"
import { cohenKappa } from "../src/index.ts"
import { seededGenerator } from "./generator.ts"

it("prints what SAS PROC FREQ prints for three categories", () => {
  // SAS output as quoted in the tests of statsmodels: kappa 0.4842, standard error 0.1380, 0.2137 to 0.7547.
  const result = cohenKappa({
    table: [
      [0, 4, 1],
      [0, 8, 0],
      [0, 1, 5]
    ]
  })
  const printed = [result?.kappa, result?.standardError, result?.lower, result?.upper].map((value) => value?.toFixed(4))
  expect(printed).toEqual(["0.4842", "0.1380", "0.2137", "0.7547"])
})

it("is two fifths for the usual textbook table", () => {
  const result = cohenKappa({
    table: [
      [20, 5],
      [10, 15]
    ]
  })
  expect(result?.kappa).toBeCloseTo(0.4, 15)
  expect(result?.observedAgreement).toBeCloseTo(0.7, 15)
  expect(result?.chanceAgreement).toBeCloseTo(0.5, 15)
})

it("does not care which rater comes first or how the categories are ordered", () => {
  const table = [
    [10, 3, 1],
    [2, 20, 4],
    [0, 5, 9]
  ]
  const result = cohenKappa({ table })
  const transposed = cohenKappa({ table: table.map((_, row) => table.map((line) => line[row] ?? 0)) })
  const reordered = cohenKappa({ table: table.toReversed().map((line) => line.toReversed()) })
  for (const other of [transposed, reordered]) {
    expect(other?.kappa).toBeCloseTo(result?.kappa ?? Number.NaN, 14)
    expect(other?.standardError).toBeCloseTo(result?.standardError ?? Number.NaN, 14)
  }
})

it("covers the true kappa at its level", () => {
  // Both raters say yes half the time and agree on 80 of 100, so kappa is 0.6.
  const next = seededGenerator(1969)
  let covered = 0
  const rounds = 2000
  for (let round = 0; round < rounds; round += 1) {
    const table: [[number, number], [number, number]] = [
      [0, 0],
      [0, 0]
    ]
    for (let sample = 0; sample < 150; sample += 1) {
      const first = next() < 0.5 ? 0 : 1
      const second = next() < 0.8 ? first : 1 - first
      table[first][second === 0 ? 0 : 1] += 1
    }
    const result = cohenKappa({ table })
    if (result !== undefined && result.lower <= 0.6 && result.upper >= 0.6) covered += 1
  }
  expect(covered / rounds).toBeGreaterThan(0.93)
  expect(covered / rounds).toBeLessThan(0.97)
})

it("is 1 at full agreement, -1 at full disagreement and cut to that range", () => {
  const agreed = cohenKappa({
    table: [
      [5, 0],
      [0, 5]
    ]
  })
  expect(agreed).toMatchObject({ kappa: 1, standardError: 0, lower: 1, upper: 1 })
  const opposed = cohenKappa({
    table: [
      [0, 5],
      [5, 0]
    ]
  })
  expect(opposed).toMatchObject({ kappa: -1, lower: -1 })
})

it("has no answer where chance alone explains everything, and refuses nonsense", () => {
  const zeros = [
    [0, 0],
    [0, 0]
  ]
  expect(cohenKappa({ table: zeros })).toBeUndefined()
  expect(
    cohenKappa({
      table: [
        [7, 0],
        [0, 0]
      ]
    })
  ).toBeUndefined()
  expect(() => cohenKappa({ table: [] })).toThrow(RangeError)
  expect(() => cohenKappa({ table: [[1, 2]] })).toThrow(RangeError)
  expect(() =>
    cohenKappa({
      table: [
        [1, -2],
        [0, 1]
      ]
    })
  ).toThrow(RangeError)
  expect(() =>
    cohenKappa({
      table: [
        [1, Number.NaN],
        [0, 1]
      ]
    })
  ).toThrow(RangeError)
  expect(() => cohenKappa({ table: zeros, confidence: 2 })).toThrow(RangeError)
})
