import { Predicate } from "effect"

/** How an object was found in an output, from what was asked for to what was chatty. */
export type JsonLevel = "strict" | "fenced" | "embedded"

export interface JsonRead {
  readonly level: JsonLevel
  readonly value: Readonly<Record<string, unknown>>
}

/** Outputs are read up to this length: a longer one is no decision. */
const longestOutput = 200_000

/** The object an output gives: the whole output, else its last fenced block, else its last balanced `{…}`. */
export const readJson = (output: string): JsonRead | undefined => {
  const text = output.slice(0, longestOutput).trim()
  const whole = parseObject(text)
  if (whole !== undefined) return { level: "strict", value: whole }
  const fences = Array.from(text.matchAll(/```[\w-]*[ \t]*\n([\s\S]*?)```/g), ([, body = ""]) => body)
  for (const body of fences.toReversed()) {
    const value = parseObject(body)
    if (value !== undefined) return { level: "fenced", value }
  }
  for (const body of balancedSpans(text).toReversed()) {
    const value = parseObject(body)
    if (value !== undefined) return { level: "embedded", value }
  }
  return undefined
}

const parseObject = (text: string): Readonly<Record<string, unknown>> | undefined => {
  try {
    const value: unknown = JSON.parse(text)
    return Predicate.isObject(value) && !Array.isArray(value) ? (value as Record<string, unknown>) : undefined
  } catch {
    return undefined
  }
}

/** The outermost `{…}` spans, braces inside strings not counted; one pass. */
const balancedSpans = (text: string): ReadonlyArray<string> => {
  const spans: Array<string> = []
  let start = -1
  let depth = 0
  let quoted = false
  for (let index = 0; index < text.length; index += 1) {
    const character = text[index]
    if (depth > 0 && quoted) {
      if (character === "\\") index += 1
      else if (character === '"') quoted = false
    } else if (depth > 0 && character === '"') {
      quoted = true
    } else if (character === "{") {
      if (depth === 0) start = index
      depth += 1
    } else if (character === "}" && depth > 0) {
      depth -= 1
      if (depth === 0) spans.push(text.slice(start, index + 1))
    }
  }
  return spans
}
