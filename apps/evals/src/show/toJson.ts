import { formatCredits } from "@assay/core"

/** A record as JSON: amounts as decimal strings of credits, names in snake case, as in the database. */
export const toJson = (value: unknown): string => JSON.stringify(rename(value), null, 2)

const rename = (value: unknown): unknown => {
  if (typeof value === "bigint") return formatCredits(value)
  if (Array.isArray(value)) return value.map(rename)
  if (typeof value !== "object" || value === null) return value
  // What a suite's author or a model wrote keeps its own names.
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [
      key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
      authored.has(key) ? inner : rename(inner)
    ])
  )
}

const authored = new Set(["input", "target", "details", "messages"])
