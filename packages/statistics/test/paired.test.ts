import { describe, expect, it } from "vitest"
import { mcnemarExact, mcnemarMidP, newcombePairedInterval, normalQuantile, tangoInterval } from "../src/index.ts"
import { choose, quotient } from "./binomial.ts"
import { seededGenerator, wholeNumber } from "./generator.ts"

describe("McNemar's test", () => {
  it("prints the airway example of Fagerland, Lydersen and Laake 2013", () => {
    expect(mcnemarExact({ onlyFirst: 1, onlySecond: 7 }).toFixed(4)).toBe("0.0703")
    expect(mcnemarMidP({ onlyFirst: 1, onlySecond: 7 }).toFixed(4)).toBe("0.0391")
  })

  it.each([
    [0, 5],
    [12, 25],
    [31, 30],
    [250, 310],
    [76, 360],
    [3, 900]
  ])("agrees with whole-number arithmetic for %i against %i, however small the p-value", (onlyFirst, onlySecond) => {
    const total = onlyFirst + onlySecond
    const fewer = Math.min(onlyFirst, onlySecond)
    let ways = 0n
    for (let count = 0; count <= fewer; count += 1) ways += choose(total, count)
    const all = 2n ** BigInt(total)
    const exact = quotient(2n * ways, all)
    const midP = quotient(2n * ways - choose(total, fewer), all)
    expect(Math.abs(mcnemarExact({ onlyFirst, onlySecond }) / exact - 1)).toBeLessThan(1e-12)
    expect(Math.abs(mcnemarMidP({ onlyFirst, onlySecond }) / midP - 1)).toBeLessThan(1e-12)
  })

  it("treats both sides alike, and the mid-p is the smaller one", () => {
    for (let onlyFirst = 0; onlyFirst <= 30; onlyFirst += 1) {
      for (let onlySecond = 0; onlySecond <= 30; onlySecond += 1) {
        const exact = mcnemarExact({ onlyFirst, onlySecond })
        expect(mcnemarExact({ onlyFirst: onlySecond, onlySecond: onlyFirst })).toBe(exact)
        expect(mcnemarMidP({ onlyFirst, onlySecond })).toBeLessThanOrEqual(exact)
      }
    }
  })

  it("finds nothing where nothing differs, and refuses nonsense", () => {
    expect(mcnemarExact({ onlyFirst: 0, onlySecond: 0 })).toBe(1)
    expect(mcnemarMidP({ onlyFirst: 0, onlySecond: 0 })).toBe(1)
    expect(mcnemarExact({ onlyFirst: 4, onlySecond: 4 })).toBe(1)
    // C(6, 3) / 2^6 = 20/64, of which half is taken off.
    expect(mcnemarMidP({ onlyFirst: 3, onlySecond: 3 })).toBeCloseTo(27 / 32, 14)
    for (const wrong of [-1, 0.5, Number.NaN, 1e10]) {
      expect(() => mcnemarExact({ onlyFirst: wrong, onlySecond: 1 })).toThrow(RangeError)
      expect(() => mcnemarMidP({ onlyFirst: 1, onlySecond: wrong })).toThrow(RangeError)
    }
  })
})

describe("intervals of the paired difference", () => {
  it("are Newcombe's and Tango's for 36, 12, 2 and 0 of 50 samples", () => {
    // Newcombe gives 0.0569 to 0.3404 for the table 36, 12, 2, 0 by method 10 (quoted from memory, not from the page).
    // Tango's ends for the same 50 pairs come from another program that looks for the roots with scipy's brentq.
    const newcombe = newcombePairedInterval({ both: 36, onlyFirst: 12, onlySecond: 2, neither: 0 })
    expect([newcombe.lower.toFixed(4), newcombe.upper.toFixed(4)]).toEqual(["0.0569", "0.3404"])
    const tango = tangoInterval({ onlyFirst: 12, onlySecond: 2, n: 50 })
    expect([tango.lower.toFixed(3), tango.upper.toFixed(3)]).toEqual(["0.061", "0.345"])
  })

  // Recomputed with 30 digits by mpmath 1.3. In the first the numerator of phi stays above 0, in the second it becomes 0.
  it.each([
    [40, 9, 4, 27, -0.02741371524312947, 0.15030658487299162],
    [4, 2, 3, 3, -0.4157997229550591, 0.2775344545256683]
  ])(
    "of Newcombe draw a positive correlation of %i, %i, %i and %i towards 0",
    (both, onlyFirst, onlySecond, neither, lower, upper) => {
      const interval = newcombePairedInterval({ both, onlyFirst, onlySecond, neither })
      expect(interval.lower).toBeCloseTo(lower, 14)
      expect(interval.upper).toBeCloseTo(upper, 14)
    }
  )

  it("of Tango have the closed form z²/(n + z²) where no pair differs", () => {
    const square = normalQuantile(0.025) ** 2
    for (const n of [1, 10, 1319]) {
      const { lower, upper } = tangoInterval({ onlyFirst: 0, onlySecond: 0, n })
      expect(upper).toBeCloseTo(square / (n + square), 13)
      expect(lower).toBe(-upper)
    }
  })

  it("of Tango leave 0 out exactly when McNemar's chi-square rejects", () => {
    const square = normalQuantile(0.025) ** 2
    for (let onlyFirst = 0; onlyFirst <= 25; onlyFirst += 1) {
      for (let onlySecond = 0; onlySecond <= 25; onlySecond += 1) {
        if (onlyFirst + onlySecond === 0) continue
        const rejects = (onlyFirst - onlySecond) ** 2 / (onlyFirst + onlySecond) > square
        const { lower, upper } = tangoInterval({ onlyFirst, onlySecond, n: 60 })
        expect(lower > 0 || upper < 0).toBe(rejects)
      }
    }
  })

  it("contain the estimate, stay in [-1, 1], change sign with the order and narrow with n", () => {
    const next = seededGenerator(1998)
    for (let round = 0; round < 500; round += 1) {
      const [both, onlyFirst, onlySecond, neither] = [0, 0, 0, 0].map(() =>
        wholeNumber(next, 0, round % 2 === 0 ? 5 : 400)
      )
      if (both === undefined || onlyFirst === undefined || onlySecond === undefined || neither === undefined) return
      const n = both + onlyFirst + onlySecond + neither
      if (n === 0) continue
      for (const interval of [
        (first: number, second: number, scale: number) =>
          newcombePairedInterval({
            both: scale * both,
            onlyFirst: scale * first,
            onlySecond: scale * second,
            neither: scale * neither
          }),
        (first: number, second: number, scale: number) =>
          tangoInterval({ onlyFirst: scale * first, onlySecond: scale * second, n: scale * n })
      ]) {
        const { lower, upper } = interval(onlyFirst, onlySecond, 1)
        const difference = (onlyFirst - onlySecond) / n
        expect(lower).toBeGreaterThanOrEqual(-1)
        expect(lower).toBeLessThanOrEqual(difference + 1e-14)
        expect(upper).toBeGreaterThanOrEqual(difference - 1e-14)
        expect(upper).toBeLessThanOrEqual(1)
        const turned = interval(onlySecond, onlyFirst, 1)
        expect(turned.lower).toBeCloseTo(-upper, 13)
        expect(turned.upper).toBeCloseTo(-lower, 13)
        const larger = interval(onlyFirst, onlySecond, 4)
        expect(larger.upper - larger.lower).toBeLessThan(upper - lower)
      }
    }
  })

  it("know nothing from no sample, and refuse nonsense", () => {
    expect(newcombePairedInterval({ both: 0, onlyFirst: 0, onlySecond: 0, neither: 0 })).toEqual({
      lower: -1,
      upper: 1
    })
    expect(tangoInterval({ onlyFirst: 0, onlySecond: 0, n: 0 })).toEqual({ lower: -1, upper: 1 })
    expect(tangoInterval({ onlyFirst: 7, onlySecond: 0, n: 7 }).upper).toBe(1)
    for (const wrong of [-1, 0.5, Number.NaN]) {
      expect(() => newcombePairedInterval({ both: 1, onlyFirst: 1, onlySecond: 1, neither: wrong })).toThrow(RangeError)
      expect(() => tangoInterval({ onlyFirst: wrong, onlySecond: 1, n: 9 })).toThrow(RangeError)
    }
    expect(() => tangoInterval({ onlyFirst: 5, onlySecond: 5, n: 9 })).toThrow(RangeError)
    expect(() => tangoInterval({ onlyFirst: 0, onlySecond: 0, n: 0, confidence: 1 })).toThrow(RangeError)
    const nothing = { both: 0, onlyFirst: 0, onlySecond: 0, neither: 0 }
    expect(() => newcombePairedInterval({ ...nothing, confidence: Number.NaN })).toThrow(RangeError)
  })
})
