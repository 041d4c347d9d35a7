import { Effect, Schema, SchemaIssue, SchemaTransformation } from "effect"

/** Pico-credits in one credit: 1 Segmind credit = 1 US dollar = 1e12 pico-credits, so that sums of prices are exact. */
export const picoCreditsPerCredit = 1_000_000_000_000n

const decimalDigits = 12
const largestCredits = 1_000_000_000n * picoCreditsPerCredit
const decimalText = /^\s*(\d{1,12})(?:\.(\d{1,20}))?(?:[eE]([+-]?\d{1,3}))?\s*$/

/**
 * Reads an amount of credits from decimal text, exactly, never through a float.
 *
 * Digits below a pico-credit are rounded `up` (costs) or `down` (balances). Gives `undefined` for a sign, `NaN`, an
 * empty text, several values joined by commas and anything above 1e9 credits: headers hold all of these.
 */
export const parseCredits = (text: string, rounding: "up" | "down" = "up"): bigint | undefined => {
  const match = decimalText.exec(text)
  if (match === null) return undefined
  const [, whole = "", fraction = "", exponent = "0"] = match
  const digits = BigInt(whole + fraction)
  const shift = decimalDigits - fraction.length + Number(exponent)
  const amount = shift >= 0 ? digits * 10n ** BigInt(shift) : divide(digits, 10n ** BigInt(-shift), rounding)
  return amount > largestCredits ? undefined : amount
}

/**
 * Writes pico-credits as decimal credits: all digits that matter, or rounded half up to `decimals` places (0…12).
 *
 * @example formatCredits(1_389_580_000n) // "0.00138958"
 */
export const formatCredits = (amount: bigint, decimals?: number): string => {
  if (amount < 0n) {
    const magnitude = formatCredits(-amount, decimals)
    return /[1-9]/.test(magnitude) ? `-${magnitude}` : magnitude
  }
  if (decimals === undefined) {
    const fraction = String(amount % picoCreditsPerCredit)
      .padStart(decimalDigits, "0")
      .replace(/0+$/, "")
    return `${amount / picoCreditsPerCredit}${fraction === "" ? "" : `.${fraction}`}`
  }
  const unit = 10n ** BigInt(decimalDigits - decimals)
  const rounded = String((amount + unit / 2n) / unit).padStart(decimals + 1, "0")
  return decimals === 0 ? rounded : `${rounded.slice(0, -decimals)}.${rounded.slice(-decimals)}`
}

/** An amount of money in pico-credits, 0…1e9 credits; a decimal string of credits wherever it is encoded. */
export const Credits = Schema.String.pipe(
  Schema.decodeTo(
    Schema.BigInt,
    SchemaTransformation.transformEffect({
      decode: (text, options) => {
        const amount = parseCredits(text)
        return amount === undefined
          ? Effect.fail(
              new SchemaIssue.InvalidValue({ message: "Expected decimal credits, as 0.00138958" }, text, options)
            )
          : Effect.succeed(amount)
      },
      encode: (amount) => Effect.succeed(formatCredits(amount))
    })
  )
)
export type Credits = bigint

const divide = (dividend: bigint, divisor: bigint, rounding: "up" | "down"): bigint =>
  rounding === "up" ? (dividend + divisor - 1n) / divisor : dividend / divisor
