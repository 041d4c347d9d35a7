import { expect, it } from "vitest"
import { parseCredits, printCredits, printSeconds } from "../../src/internal/decimal.ts"

it.each([
  [0n, "0"],
  [1n, "0.000000000001"],
  [1_389_580_000n, "0.00138958"],
  [10_000_000_000_000n, "10"],
  [123_456_789_000_000_000_001n, "123456789.000000000001"],
  [999_999_999_999_999_999_999_999n, "999999999999.999999999999"],
  [-500_000_000_000n, "-0.5"]
])("prints %s pico-credits as %s and reads them back", (amount, text) => {
  expect(printCredits(amount)).toBe(text)
  expect(parseCredits(text)).toBe(amount)
})

it.each(["", "1e-3", "0.0000000000001", "NaN", "1,5", " 1", "1."])("reads no amount out of %j", (text) => {
  expect(parseCredits(text)).toBeUndefined()
})

it("prints milliseconds as seconds with three decimals", () => {
  expect([0, 7, 3267, 60_000].map(printSeconds)).toEqual(["0.000", "0.007", "3.267", "60.000"])
})
