import { expect, it } from "vitest"
import { passAtK, passHatK } from "../src/index.ts"
import { binomialProbabilities, choose, quotient } from "./binomial.ts"

it("counts the subsets of k trials that hold a success, or nothing else", () => {
  for (let n = 1; n <= 12; n += 1) {
    for (let successes = 0; successes <= n; successes += 1) {
      for (let k = 1; k <= n; k += 1) {
        const none = successes + k > n ? 0n : choose(n - successes, k)
        const all = successes < k ? 0n : choose(successes, k)
        expect(passAtK({ successes, n, k })).toBeCloseTo(1 - quotient(none, choose(n, k)), 13)
        expect(passHatK({ successes, n, k })).toBeCloseTo(quotient(all, choose(n, k)), 13)
      }
    }
  }
})

it("is unbiased: its mean over all outcomes is the chance itself", () => {
  const [n, k, rate] = [10, 4, 0.3]
  const chances = binomialProbabilities(n, rate)
  const mean = (estimate: typeof passAtK) =>
    chances.reduce((sum, chance, successes) => sum + chance * estimate({ successes, n, k }), 0)
  expect(mean(passAtK)).toBeCloseTo(1 - (1 - rate) ** k, 13)
  expect(mean(passHatK)).toBeCloseTo(rate ** k, 13)
})

it("is the pass rate for k = 1 and does not overflow for many trials", () => {
  expect(passAtK({ successes: 3, n: 8, k: 1 })).toBeCloseTo(3 / 8, 15)
  expect(passHatK({ successes: 3, n: 8, k: 1 })).toBeCloseTo(3 / 8, 15)
  expect(passAtK({ successes: 1, n: 100_000, k: 50_000 })).toBeCloseTo(0.5, 12)
  expect(passHatK({ successes: 99_999, n: 100_000, k: 50_000 })).toBeCloseTo(0.5, 12)
})

it("refuses fewer trials than k, and nonsense", () => {
  for (const options of [
    { successes: 0, n: 0, k: 1 },
    { successes: 1, n: 2, k: 3 },
    { successes: 1, n: 2, k: 0 },
    { successes: 3, n: 2, k: 1 },
    { successes: -1, n: 2, k: 1 },
    { successes: 1, n: 2, k: Number.NaN },
    { successes: 1, n: 2, k: 1.5 }
  ]) {
    expect(() => passAtK(options)).toThrow(RangeError)
    expect(() => passHatK(options)).toThrow(RangeError)
  }
})
