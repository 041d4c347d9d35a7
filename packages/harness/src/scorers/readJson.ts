import { Predicate } from "effect"

/** How an object was found in an output, from what was asked for to what was chatty. */
export type JsonLevel = "strict" | "fenced" | "embedded"

export interface JsonRead {
  readonly level: JsonLevel
  readonly value: Readonly<Record<string, unknown>>
}

/** Outputs are read up to this length: a longer one is no decision. */
const longestOutput = 200_000
/** Deeper values are no decision either, and whatever walks them later would run out of stack. */
const deepestValue = 100
/** So many places are tried from the end; an output with more is made of braces. */
const mostCandidates = 50
/** A brace that never closes hides what comes after it; so many are passed over. */
const mostUnclosed = 10

/** The object an output gives: the whole output, else its last fenced block, else its last balanced `{…}`. */
export const readJson = (output: string): JsonRead | undefined => {
  const text = output.slice(0, longestOutput).trim()
  const whole = parseObject(text)
  if (whole !== undefined) return { level: "strict", value: whole }
  const fences = Array.from(text.matchAll(/```[\w-]*[ \t]*\r?\n([\s\S]*?)```/g), ([, body = ""]) => body)
  const fenced = lastObject(fences)
  if (fenced !== undefined) return { level: "fenced", value: fenced }
  const embedded = lastObject(balancedSpans(text))
  return embedded === undefined ? undefined : { level: "embedded", value: embedded }
}

const lastObject = (candidates: ReadonlyArray<string>): JsonRead["value"] | undefined => {
  for (const candidate of candidates.slice(-mostCandidates).toReversed()) {
    const value = parseObject(candidate)
    if (value !== undefined) return value
  }
  return undefined
}

const parseObject = (text: string): JsonRead["value"] | undefined => {
  if (!text.trimStart().startsWith("{")) return undefined
  try {
    const value: unknown = JSON.parse(text)
    return Predicate.isObject(value) && isShallow(value) ? (value as Record<string, unknown>) : undefined
  } catch {
    return undefined
  }
}

/** Whether no value lies deeper than `deepestValue`; level by level, so that depth costs no stack. */
const isShallow = (value: unknown): boolean => {
  let level: ReadonlyArray<unknown> = [value]
  for (let depth = 0; depth <= deepestValue; depth += 1) {
    level = level.flatMap((inner) => (typeof inner === "object" && inner !== null ? Object.values(inner) : []))
    if (level.length === 0) return true
  }
  return false
}

/** The outermost `{…}` spans, braces inside strings not counted. */
const balancedSpans = (text: string): ReadonlyArray<string> => {
  const spans: Array<string> = []
  let from = text.indexOf("{")
  for (let unclosed = 0; from >= 0 && unclosed < mostUnclosed; ) {
    const end = endOfSpan(text, from)
    if (end === undefined) unclosed += 1
    else spans.push(text.slice(from, end))
    from = text.indexOf("{", end ?? from + 1)
  }
  return spans
}

/** Where the span that begins with the brace at `start` ends; undefined when it never closes. */
const endOfSpan = (text: string, start: number): number | undefined => {
  let depth = 0
  let quoted = false
  for (let index = start; index < text.length; index += 1) {
    const character = text[index]
    if (quoted) {
      if (character === "\\") index += 1
      else if (character === '"') quoted = false
    } else if (character === '"') {
      quoted = true
    } else if (character === "{") {
      depth += 1
    } else if (character === "}") {
      depth -= 1
      if (depth === 0) return index + 1
    }
  }
  return undefined
}
