import { Predicate } from "effect"
import { parseCredits } from "../Credits.ts"

/** What a body says of money, in pico-credits. */
export interface StatedAmounts {
  readonly cost: bigint | undefined
  /** The balance after the charge, rounded down. */
  readonly remainingCredits: bigint | undefined
}

/**
 * Reads Segmind v2's `metrics.cost` and `metrics.remaining_credits`, and OpenRouter's `usage.cost`, from the digits as
 * they stand in the JSON: a number of JavaScript would lose some. Bodies without such a word are not parsed for it.
 */
export const readStatedAmounts = (body: string): StatedAmounts => {
  if (!/"(cost|remaining_credits)"/.test(body)) return nothing
  const parsed = parseDigits(body)
  const metrics = field(parsed, "metrics")
  return {
    cost: amount(field(metrics, "cost"), "up") ?? amount(field(field(parsed, "usage"), "cost"), "up"),
    remainingCredits: amount(field(metrics, "remaining_credits"), "down")
  }
}

/** JSON with every number as the text that it was written as; undefined for what is no JSON. */
export const parseDigits = (body: string): unknown => {
  try {
    return JSON.parse(body, (_key, value: unknown, context?: { readonly source?: string }) =>
      typeof value === "number" ? (context?.source ?? String(value)) : value
    )
  } catch {
    return undefined
  }
}

const nothing: StatedAmounts = { cost: undefined, remainingCredits: undefined }

const amount = (value: unknown, rounding: "up" | "down"): bigint | undefined =>
  typeof value === "string" ? parseCredits(value, rounding) : undefined

const field = (value: unknown, key: string): unknown =>
  Predicate.isObject(value) ? (value as Record<string, unknown>)[key] : undefined
