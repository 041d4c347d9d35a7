import { wilsonInterval } from "@assay/statistics"
import { describe, expect, it } from "vitest"
import {
  asciiGlyphs,
  creditsText,
  durationText,
  formatPassRate,
  formatRate,
  roughCreditsText,
  shareText,
  unicodeGlyphs
} from "../src/text.ts"

describe("formatRate", () => {
  it("shows the rate with its 95 % Wilson interval and n", () => {
    // By hand: p = 1117/1262, z = 1.96.
    expect(formatRate({ passed: 1117, failed: 145 }, unicodeGlyphs)).toBe("88.5% [86.6–90.2] n 1262")
    expect(formatRate({ passed: 1117, failed: 145 }, asciiGlyphs)).toBe("88.5% [86.6-90.2] n 1262")
  })

  it("shows a dash when nothing is scored", () => {
    expect(formatRate({ passed: 0, failed: 0 }, unicodeGlyphs)).toBe("— n 0")
  })

  it("rounds a single failure neither away nor up to all", () => {
    expect(formatPassRate({ passed: 99_999, failed: 1 }, unicodeGlyphs)).toBe("99.9%")
    expect(formatPassRate({ passed: 1, failed: 99_999 }, unicodeGlyphs)).toBe("0.1%")
    expect(formatPassRate({ passed: 7, failed: 0 }, unicodeGlyphs)).toBe("100.0%")
    expect(formatPassRate({ passed: 0, failed: 7 }, unicodeGlyphs)).toBe("0.0%")
  })

  it("takes the interval from the statistics room", () => {
    const { lower, upper } = wilsonInterval({ successes: 3, n: 9, confidence: 0.95 })
    const shown = `[${(100 * lower).toFixed(1)}–${(100 * upper).toFixed(1)}]`
    expect(formatRate({ passed: 3, failed: 6 }, unicodeGlyphs)).toBe(`33.3% ${shown} n 9`)
  })
})

it.each([
  [0n, "0.000"],
  [2_806_400_000_000n, "2.806"],
  [10_000_000_000n, "0.010"],
  [4_100_000_000n, "0.0041"],
  [1_389_580_000n, "0.0014"],
  [1n, "0.000000000001"],
  [-4_100_000_000n, "-0.0041"]
])("writes %s pico-credits with three decimals, or as many as show that it is not nothing", (amount, text) => {
  expect(creditsText(amount)).toBe(text)
})

it("never writes a charge as nothing", () => {
  for (let amount = 1n; amount < 10n ** 13n; amount = amount * 3n + 1n) expect(creditsText(amount)).toMatch(/[1-9]/)
})

it("writes a guess with two decimals", () => {
  expect(roughCreditsText(4_776_000_000_000n)).toBe("4.78")
  expect(roughCreditsText(4_100_000_000n)).toBe("0.0041")
})

it.each([
  [0, "0ms"],
  [350, "350ms"],
  [999.6, "1.0s"],
  [1_900, "1.9s"],
  [9_960, "10s"],
  [59_600, "1m00s"],
  [88_000, "1m28s"],
  [3_599_600, "1h00m"],
  [7_500_000, "2h05m"]
])("writes %d milliseconds as %s", (millis, text) => {
  expect(durationText(millis)).toBe(text)
})

it("says 100% only when all is done", () => {
  expect(shareText(1999, 2000)).toBe("99%")
  expect(shareText(2000, 2000)).toBe("100%")
})
