/** A number found in an output. */
export interface NumberRead {
  readonly value: number
  /** As written in the output. */
  readonly text: string
  readonly from: "a box" | "the stated answer" | "the last number"
}

/** The end of an output is read up to this many characters: an answer stands at the end. */
const longestTail = 20_000
/** A box holds an answer, not an essay. */
const longestBox = 400
/** What follows "the answer is" on its line, up to this many characters. */
const longestStatement = 200

/**
 * The answer an output gives: the last `\boxed{…}` with a number, else the number that is stated after "answer is",
 * "answer:" or, without those, after "result" and "total", else the last number of all.
 *
 * Where a box or a statement holds an equation, its right side counts; exponents and indices, as in cm^2, do not. A
 * percentage is the number before its sign.
 */
export const readNumber = (output: string): NumberRead | undefined => {
  const tail = output.slice(-longestTail)
  const boxed = boxesOf(tail).map(numberInBox).findLast(isFound)
  if (boxed !== undefined) return { ...boxed, from: "a box" }
  const answer = statementsOf(tail, answers).findLast(isFound) ?? statementsOf(tail, results).findLast(isFound)
  if (answer !== undefined) return { ...answer, from: "the stated answer" }
  const last = numbersIn(tail).at(-1)
  return last === undefined ? undefined : { value: last.value, text: last.text, from: "the last number" }
}

/** The last number in a text. A hyphen right after a word, digit or bracket joins or subtracts; it is no sign. */
export const lastNumber = (text: string): { readonly value: number; readonly text: string } | undefined => {
  const last = numbersIn(text).at(-1)
  return last === undefined ? undefined : { value: last.value, text: last.text }
}

interface Found {
  readonly value: number
  readonly text: string
  /** Where it begins and ends in the text it was found in. */
  readonly start: number
  readonly end: number
}

const isFound = (found: Found | undefined): found is Found => found !== undefined

const digits = String.raw`(?:\d{1,3}(?:(?:,|\{,\}|\\,)\d{3})+(?!\d)|\d+)(?:\.\d+)?|\.\d+`
const power = String.raw`[eE][-+]?\d+|\s?(?:×|\*|\\times|\\cdot)\s?10\^\{?[-−+]?\d+\}?`
const sign = "[-−+]?"
const currency = String.raw`(?:\\?[$€£¥])?`
const anyNumber = new RegExp(
  String.raw`(${sign})(?:\\[dt]?frac\{(${sign}(?:${digits}))\}\{(${digits})\}|${currency}(${digits})(${power})?)`,
  "g"
)

/** All numbers of a text in order, without exponents and indices. */
const numbersIn = (text: string): ReadonlyArray<Found> =>
  Array.from(text.matchAll(anyNumber)).flatMap((match) => {
    const [whole, signed = "", numerator, denominator, plain = "", exponent] = match
    const before = text.slice(Math.max(0, match.index - 3), match.index)
    if (/(?:\^\{?|[\p{L}}]_\{?)$/u.test(before)) return []
    const joined = signed !== "" && /[\p{L}\p{N}_)\]}]$/u.test(before)
    const written = joined ? whole.slice(1) : whole
    const size =
      numerator === undefined
        ? toNumber(plain) * 10 ** exponentOf(exponent)
        : toNumber(numerator) / toNumber(denominator ?? "")
    const value = /^[-−]/.test(written) ? -size : size
    // Not -0, which is another number to some comparisons and the same to every reader.
    return Number.isFinite(value)
      ? [{ value: value === 0 ? 0 : value, text: written, start: match.index, end: match.index + whole.length }]
      : []
  })

const toNumber = (written: string): number => Number(written.replace(/,|\{,\}|\\,/g, "").replace("−", "-"))

const exponentOf = (written: string | undefined): number =>
  written === undefined ? 0 : toNumber(/[-−+]?\d+\}?$/.exec(written)?.[0].replace("}", "") ?? "0")

/** What stands in the boxes of a text, braces of any depth in them; one that never closes is none. */
const boxesOf = (text: string): ReadonlyArray<string> =>
  Array.from(text.matchAll(/\\(?:boxed|fbox)\s?\{/g)).flatMap((match) => {
    const start = match.index + match[0].length
    let depth = 1
    for (let end = start; end < Math.min(text.length, start + longestBox); end += 1) {
      if (text[end] === "{") depth += 1
      if (text[end] === "}") depth -= 1
      if (depth === 0) return [text.slice(start, end)]
    }
    return []
  })

const numberInBox = (box: string): Found | undefined => {
  const [, numerator, denominator] = /^\s*([-−+]?\d+)\s*\/\s*(\d+)\s*$/.exec(box) ?? []
  if (numerator === undefined || denominator === undefined) return answerIn(box)
  const value = toNumber(numerator) / toNumber(denominator)
  return Number.isFinite(value) ? { value, text: box.trim(), start: 0, end: box.length } : undefined
}

const answers = /\banswer\b[^\d\n]{0,24}?(?:\bis\b|[:=])/gi
const results = /\b(?:result|total)\b[^\d\n]{0,24}?(?:\bis\b|[:=])/gi
/** What begins after an answer is about it, not a part of it. */
const aside = /[;(]|,\s|\.\s|\b(?:because|since|where|when|as|if|for|with|so|and|or|not)\b/i

const statementsOf = (text: string, pattern: RegExp): ReadonlyArray<Found | undefined> =>
  Array.from(text.matchAll(pattern), (match) => {
    const start = match.index + match[0].length
    const [line = ""] = text.slice(start, start + longestStatement).split("\n", 1)
    return answerIn(line)
  })

/** The first number, or the first after the last equals sign where the words around it are an equation. */
const answerIn = (text: string): Found | undefined => {
  const numbers = numbersIn(text)
  const first = numbers[0]
  if (first === undefined) return undefined
  const rest = text.slice(first.end)
  const clauseEnd = first.end + (aside.exec(rest)?.index ?? rest.length)
  const equals = Math.max(...["=", "≈"].map((sign) => text.lastIndexOf(sign, clauseEnd - 1)))
  return numbers.find(({ start, end }) => start > equals && end <= clauseEnd) ?? first
}
