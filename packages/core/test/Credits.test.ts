import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"
import { Credits, formatCredits, parseCredits, picoCreditsPerCredit } from "../src/index.ts"
import { type Chance, forSeeds } from "./support/seeds.ts"

const limit = 1_000_000_000n * picoCreditsPerCredit

describe("parseCredits", () => {
  it.each([
    ["0", 0n],
    ["1", picoCreditsPerCredit],
    ["0.00138958", 1_389_580_000n],
    ["9.98461042", 9_984_610_420_000n],
    ["0.0184921035", 18_492_103_500n],
    ["0.9800000000000001", 980_000_000_001n],
    ["1e-3", 1_000_000_000n],
    ["3.45e-05", 34_500_000n],
    ["1.5E+2", 150n * picoCreditsPerCredit],
    ["  0.5\t", 500_000_000_000n],
    ["1000000000", limit],
    ["1e9", limit],
    ["0e999", 0n]
  ])("reads %j exactly", (text, amount) => {
    assert.strictEqual(parseCredits(text), amount)
  })

  it.each([
    "",
    " ",
    "NaN",
    "Infinity",
    "-1",
    "+1",
    "-0",
    "1,5",
    "0.001, 0.002",
    "1 2",
    ".5",
    "5.",
    "0x10",
    "1e",
    "1e1.5",
    "None",
    "$1",
    "１",
    "1000000000.000000000001",
    "1e10",
    "9e999",
    "1234567890123",
    `0.${"1".repeat(21)}`
  ])("does not believe %j", (text) => {
    assert.isUndefined(parseCredits(text))
    assert.isUndefined(parseCredits(text, "down"))
  })

  it("rounds what is below a pico-credit up for costs and down for balances", () => {
    assert.strictEqual(parseCredits("0.0000000000001"), 1n)
    assert.strictEqual(parseCredits("0.0000000000001", "down"), 0n)
    assert.strictEqual(parseCredits("0.0000000000019", "down"), 1n)
    assert.strictEqual(parseCredits("0.0000000000010", "up"), 1n)
    assert.strictEqual(parseCredits("1e-999"), 1n)
    assert.strictEqual(parseCredits("1e-999", "down"), 0n)
  })

  it("gives back every amount that was written out", () => {
    forSeeds((chance) => {
      for (let index = 0; index < 20; index += 1) {
        const amount = amountOf(chance)
        assert.strictEqual(parseCredits(formatCredits(amount)), amount)
        assert.strictEqual(parseCredits(formatCredits(amount), "down"), amount)
      }
    })
  })

  it("agrees with itself in exponent form and never differs by more than rounding", () => {
    forSeeds((chance) => {
      const digits = chance.int(1_000_000)
      const exponent = chance.int(16)
      const up = parseCredits(`${digits}e-${exponent}`) ?? -1n
      const down = parseCredits(`${digits}e-${exponent}`, "down") ?? -1n
      assert.strictEqual(down, (BigInt(digits) * picoCreditsPerCredit) / 10n ** BigInt(exponent))
      assert.isTrue(up === down || up === down + 1n)
    })
  })

  it("never throws on garbage, and what it believes is between 0 and 1e9 credits", () => {
    const alphabet = "0123456789.,eE+-  \t\nNaInfity_xZ\u0000\uFEFF٣"
    let believed = 0
    forSeeds((chance) => {
      for (let index = 0; index < 50; index += 1) {
        const text = Array.from({ length: chance.int(12) }, () => alphabet[chance.int(alphabet.length)]).join("")
        const amount = parseCredits(text, chance.pick(["up", "down"]))
        if (amount === undefined) continue
        believed += 1
        assert.isTrue(amount >= 0n && amount <= limit, text)
      }
    })
    assert.isAbove(believed, 100, "the garbage must hold some numbers for this to mean something")
  })
})

describe("formatCredits", () => {
  it.each([
    [0n, undefined, "0"],
    [1n, undefined, "0.000000000001"],
    [1_389_580_000n, undefined, "0.00138958"],
    [10n * picoCreditsPerCredit, undefined, "10"],
    [1_389_580_000n, 3, "0.001"],
    [1_500_000_000n, 3, "0.002"],
    [999_999_999_999n, 2, "1.00"],
    [1_499_999_999_999n, 0, "1"],
    [1_500_000_000_000n, 0, "2"],
    [1n, 12, "0.000000000001"],
    [-1_500_000_000_000n, undefined, "-1.5"],
    [-1n, 2, "0.00"]
  ])("writes %s with %s decimals as %s", (amount, decimals, text) => {
    assert.strictEqual(formatCredits(amount, decimals), text)
  })
})

describe("Credits", () => {
  it("is a decimal string in JSON and a bigint here", () => {
    assert.strictEqual(Schema.encodeSync(Credits)(1_389_580_000n), "0.00138958")
    assert.strictEqual(Schema.decodeSync(Credits)("0.00138958"), 1_389_580_000n)
  })

  it("says what it expects when it is not one", () => {
    assert.throws(() => Schema.decodeSync(Credits)("a lot"), /Expected decimal credits, as 0\.00138958/)
  })
})

/** Amounts of every size: from single pico-credits to 1e9 credits. */
const amountOf = (chance: Chance): bigint => {
  const digits = Array.from({ length: 1 + chance.int(21) }, () => chance.int(10)).join("")
  return BigInt(digits) % (limit + 1n)
}
