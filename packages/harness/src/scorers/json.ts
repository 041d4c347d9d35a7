import { Predicate } from "effect"
import { scored, zero } from "../Score.ts"
import type { Scorer } from "../Scorer.ts"
import { readJson } from "./readJson.ts"

/**
 * Compares the JSON object in an output with the target, field by field: texts without regard to case or space around
 * them, arrays as sets, everything else by type and value, at any depth. The score is the share of the target's fields
 * that are right; fields that the target does not have are not looked at. How the object was found is in the details.
 */
export const json = (): Scorer<unknown, Readonly<Record<string, unknown>>> => ({
  name: "json",
  version: 1,
  options: {},
  score: ({ output, target }) => {
    const read = readJson(output)
    if (read === undefined) return zero("The output has no JSON object.")
    const fields = Object.keys(target)
    const faults = fields.flatMap((field) => {
      const actual = Object.hasOwn(read.value, field) ? read.value[field] : undefined
      return compare(field, actual, target[field]) ?? []
    })
    const found = `a ${read.level} JSON object`
    return scored({
      value: fields.length === 0 ? 1 : (fields.length - faults.length) / fields.length,
      explanation: faults.length === 0 ? `All fields of ${found} are right.` : `In ${found}, ${faults.join("; ")}.`,
      details: { level: read.level, value: read.value }
    })
  }
})

/** What is wrong with a field, in words; undefined when nothing is. */
const compare = (field: string, actual: unknown, expected: unknown): string | undefined => {
  if (actual === undefined) return `${field} is missing`
  if (Array.isArray(expected)) {
    if (!Array.isArray(actual)) return `${field} is ${show(actual)}, not a list`
    const lacking = without(expected, actual)
    const surplus = without(actual, expected)
    if (lacking.length === 0 && surplus.length === 0) return undefined
    const parts = [
      lacking.length > 0 ? [`lacks ${showAll(lacking)}`] : [],
      surplus.length > 0 ? [`has ${showAll(surplus)} too much`] : []
    ]
    return `${field} ${parts.flat().join(" and ")}`
  }
  return normal(actual) === normal(expected) ? undefined : `${field} is ${show(actual)}, not ${show(expected)}`
}

/** The values of `list` that `others` has none equal to. */
const without = (list: ReadonlyArray<unknown>, others: ReadonlyArray<unknown>): ReadonlyArray<unknown> => {
  const known = new Set(others.map(normal))
  return list.filter((value) => !known.has(normal(value)))
}

/** One text for values that count as equal, and different texts for all others. */
const normal = (value: unknown): string => {
  if (typeof value === "string") return JSON.stringify(value.trim().toLowerCase())
  if (Array.isArray(value))
    return `[${Array.from(new Set(value.map(normal)))
      .sort()
      .join()}]`
  if (!Predicate.isObject(value)) return JSON.stringify(value) ?? "nothing"
  const fields = Object.entries(value).map(([name, inner]) => `${JSON.stringify(name)}:${normal(inner)}`)
  return `{${fields.sort().join()}}`
}

const shownAtMost = 5

const showAll = (values: ReadonlyArray<unknown>): string => {
  const more = values.length > shownAtMost ? [`${values.length - shownAtMost} more`] : []
  return [...values.slice(0, shownAtMost).map(show), ...more].join(", ")
}

const show = (value: unknown): string => {
  const text = JSON.stringify(value) ?? "nothing"
  return text.length > 80 ? `${text.slice(0, 79)}…` : text
}
