import { scored, zero } from "../Score.ts"
import type { Scorer } from "../Scorer.ts"

/** Right when the answer read from the output is within `tolerance` (absolute, default 0) of the target. */
export const numeric = (options: { readonly tolerance?: number } = {}): Scorer<unknown, number> => ({
  name: "numeric",
  version: 1,
  options,
  score: ({ output, target }) => {
    const answer = readNumber(output)
    if (answer === undefined) return zero("The output has no number.")
    // Decimals such as 0.1 + 0.2 are off by a few units in the last place; no author means those.
    const rounding = Math.abs(target) * 4 * Number.EPSILON
    const right = Math.abs(answer.value - target) <= (options.tolerance ?? 0) + rounding
    return scored({
      value: right ? 1 : 0,
      explanation: `Read ${answer.text} from ${answer.from}; the target is ${target}.`,
      details: { answer: answer.value, from: answer.from }
    })
  }
})

export interface NumberRead {
  readonly value: number
  /** As written in the output. */
  readonly text: string
  readonly from: "a box" | "the stated answer" | "the last number"
}

/** A number with its sign, thousands separators, decimals and exponent. */
const number = String.raw`[-−+]?(?:\d{1,3}(?:(?:,|\{,\}|\\,)\d{3})+|\d+)?(?:\.\d+|(?<=\d)\.?)(?:[eE][-+]?\d+)?`
const stated = new RegExp(
  String.raw`(?:answer|result|total)\b[^\d\n]{0,24}?(?:is|[:=])[^\d\n+\-−.]{0,12}(${number})`,
  "gi"
)
const anyNumber = new RegExp(number, "g")

/**
 * The answer an output gives: the last `\boxed{…}` with a number, else the last number after "answer is", "answer:"
 * and the like, else the last number of all. At most the last 20,000 characters are read.
 */
export const readNumber = (output: string): NumberRead | undefined => {
  const tail = output.slice(-20_000)
  const boxes = Array.from(
    tail.matchAll(/\\(?:boxed|fbox)\s*\{([^{}]*(?:\{[^{}]*\}[^{}]*)*)\}/g),
    ([, box = ""]) => box
  )
  const boxed = lastNumber(boxes.findLast((box) => lastNumber(box) !== undefined) ?? "")
  if (boxed !== undefined) return { ...boxed, from: "a box" }
  const statement = Array.from(tail.matchAll(stated), ([, found = ""]) => found).at(-1)
  const answer = statement === undefined ? undefined : lastNumber(statement)
  if (answer !== undefined) return { ...answer, from: "the stated answer" }
  const last = lastNumber(tail)
  return last === undefined ? undefined : { ...last, from: "the last number" }
}

/** The last number in a text. A hyphen right after a word, digit or bracket joins or subtracts; it is no sign. */
export const lastNumber = (text: string): { readonly value: number; readonly text: string } | undefined => {
  const match = Array.from(text.matchAll(anyNumber)).findLast(([found]) => /\d/.test(found))
  if (match === undefined) return undefined
  const before = text[match.index - 1] ?? ""
  const written = /[\w)\]]/.test(before) ? match[0].replace(/^[-−+]/, "") : match[0]
  const value = Number(
    written
      .replace(/,|\{,\}|\\,/g, "")
      .replace("−", "-")
      .replace(/\.$/, "")
  )
  return Number.isFinite(value) ? { value, text: written.replace(/\.$/, "") } : undefined
}
