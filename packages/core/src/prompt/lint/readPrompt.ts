import { type DelimitedSpan, delimiterSpans, type Span } from "../delimiterSpans.ts"

/** A message as it may come to us: core sends no `developer`, but a prompt may have been written with it. */
export interface PromptMessage {
  readonly role: "system" | "developer" | "user" | "assistant"
  readonly content: string
}

/** A message with what every rule needs to know of it. */
export interface LintedMessage extends PromptMessage {
  readonly index: number
  /** The line of the source at which the content begins, from 1. */
  readonly firstLine: number
  /** Where each line of the content begins, in characters. */
  readonly lineStarts: ReadonlyArray<number>
  readonly delimited: ReadonlyArray<DelimitedSpan>
  /** Where variables, or values that were put in, stand. */
  readonly data: ReadonlyArray<Span>
  /** The content with all that is not instruction blanked out, character for character. */
  readonly instructions: string
}

export interface LintedPrompt {
  readonly messages: ReadonlyArray<LintedMessage>
  readonly isTemplate: boolean
}

/** Reads messages, or a template whose headings `## system`, `## user` and so on begin messages. */
export const readPrompt = (
  source: string | ReadonlyArray<PromptMessage>,
  data: ReadonlyArray<string>
): LintedPrompt => {
  const isTemplate = typeof source === "string"
  const messages = isTemplate ? splitTemplate(source) : source.map((message) => ({ ...message, firstLine: 1 }))
  return {
    isTemplate,
    messages: messages.map((message, index) => {
      const { content } = message
      const delimited = delimiterSpans(content)
      const values = isTemplate ? variablesIn(content) : occurrences(content, data)
      const instructions = blank(content, [...values, ...delimited.filter(isData), ...quotations(content)])
      return { ...message, index, lineStarts: lineStartsOf(content), delimited, data: values, instructions }
    })
  }
}

/** The line of the source that a place in a message is on. */
export const lineAt = (message: LintedMessage, offset: number): number => message.firstLine + lineIndex(message, offset)

/** Where the line that holds a place in a message begins. */
export const lineStartAt = (message: LintedMessage, offset: number): number =>
  message.lineStarts[lineIndex(message, offset)] ?? 0

const lineIndex = ({ lineStarts }: LintedMessage, offset: number): number => {
  let low = 0
  let high = lineStarts.length - 1
  while (low < high) {
    const middle = Math.ceil((low + high) / 2)
    if ((lineStarts[middle] ?? 0) <= offset) low = middle
    else high = middle - 1
  }
  return low
}

const lineStartsOf = (content: string): ReadonlyArray<number> => [
  0,
  ...Array.from(content.matchAll(/\n/g), ({ index }) => index + 1)
]

const splitTemplate = (text: string) => {
  const normal = text.replace(/^\uFEFF/, "").replaceAll("\r\n", "\n")
  const headings = Array.from(normal.matchAll(/^##[ \t]+(system|developer|user|assistant)[ \t]*$/gim))
  const starts = headings.map((match) => ({
    role: (match[1] ?? "user").toLowerCase() as PromptMessage["role"],
    heading: match.index,
    start: match.index + match[0].length
  }))
  const parts = starts.length === 0 ? [{ role: "user" as const, heading: 0, start: 0 }] : starts
  return parts.map(({ role, start }, index) => {
    const whole = normal.slice(start, parts[index + 1]?.heading ?? normal.length)
    const content = whole.trim()
    const begin = start + whole.indexOf(content)
    return { role, content, firstLine: 1 + (normal.slice(0, begin).match(/\n/g)?.length ?? 0) }
  })
}

const variablesIn = (content: string): ReadonlyArray<Span> =>
  Array.from(content.matchAll(/\{\{\s*[A-Za-z_]\w*\s*\}\}/g), (match) => spanOf(match.index, match[0]))

const occurrences = (content: string, data: ReadonlyArray<string>): ReadonlyArray<Span> =>
  data
    .filter((value) => value.trim() !== "")
    .flatMap((value) => {
      const found: Array<Span> = []
      let at = content.indexOf(value)
      for (; at !== -1 && found.length < placesPerValue; at = content.indexOf(value, at + value.length)) {
        found.push(spanOf(at, value))
      }
      return found
    })

/** A value that stands in more places than this teaches nothing new, and a value of one letter may stand in thousands. */
const placesPerValue = 20

/** What is quoted is spoken of, not said: between quotes or backticks on one line, and lines that begin with `>`. */
const quotations = (content: string): ReadonlyArray<Span> =>
  Array.from(
    content.matchAll(/^>[^\n]*|(?<![\w"])"[^"\n]+"(?!")|“[^”\n]+”|«[^»\n]+»|(?<!`)`[^`\n]+`(?!`)/gm),
    (match) => spanOf(match.index, match[0])
  )

/** Tags with such names hold the author's words; all others, and all fences, hold data. */
const isData = ({ kind, name }: DelimitedSpan) =>
  kind === "fence" ||
  !/instruction|task|question|constraint|rule|output|format|contract|context|role|goal|step|expect|code$|prompt|system|guideline|requirement|answer/i.test(
    name
  )

const spanOf = (start: number, text: string): Span => ({ start, end: start + text.length })

const blank = (text: string, spans: ReadonlyArray<Span>): string => {
  let result = ""
  let position = 0
  for (const { start, end } of spans.toSorted((a, b) => a.start - b.start)) {
    if (end <= position) continue
    const from = Math.max(start, position)
    result += text.slice(position, from) + text.slice(from, end).replace(/[^\n]/g, " ")
    position = end
  }
  return result + text.slice(position)
}
