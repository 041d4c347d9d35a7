import { holds, type Span } from "../../delimiterSpans.ts"
import type { LintRule } from "../LintRule.ts"
import type { LintedMessage } from "../readPrompt.ts"
import { reasoningGuide } from "../sources.ts"

/**
 * Data in the middle of prose can be taken for instructions, and instructions for data. The guide advises delimiters:
 * Markdown, XML tags and section titles.
 *
 * A value is delimited in tags, in a fence, in quotes or backticks, alone under a heading or between rules, and when it is
 * its whole message. A label as `Question:` is no delimiter: it does not say where the value ends.
 */
export const undelimitedData: LintRule = {
  id: "undelimited-data",
  severity: "warning",
  source: reasoningGuide,
  check: ({ messages }) =>
    messages
      .filter(({ role }) => role !== "assistant")
      .flatMap((message) =>
        message.data
          .filter((span) => !isDelimited(message, span))
          .map((span) => {
            const [, name] = /^\{\{\s*(\w+)\s*\}\}$/.exec(message.content.slice(span.start, span.end)) ?? []
            const tag = name ?? "data"
            return {
              message,
              offset: span.start,
              says: `${name === undefined ? "a value" : `{{${name}}}`} stands in the text without a delimiter around it`,
              fix: `put it into a section of its own: <${tag}>…</${tag}>`
            }
          })
      )
}

const isDelimited = (message: LintedMessage, span: Span): boolean => {
  const { content, delimited } = message
  const before = content.slice(Math.max(0, span.start - neighbourhood), span.start)
  const after = content.slice(span.end, span.end + neighbourhood)
  return (
    content.trim().length === span.end - span.start ||
    delimited.some((outer) => holds(outer, span)) ||
    quotes.some((pair) => before.endsWith(pair[0]) && after.startsWith(pair[1])) ||
    isQuoted(before, content.slice(span.start, span.end)) ||
    isAloneInItsPart(before, after)
  )
}

/** How far around a value its delimiter is looked for, in characters: a heading is not longer. */
const neighbourhood = 300

const quotes: ReadonlyArray<readonly [string, string]> = [
  ['"', '"'],
  ["'", "'"],
  ["`", "`"],
  ["“", "”"],
  ["«", "»"]
]

/** On a quoted line. A variable's value may have more lines than the quoted one, so it is not. */
const isQuoted = (before: string, value: string): boolean =>
  /(?:^|\n)> ?$/.test(before) && !value.startsWith("{{") && !/\n[^>\n]/.test(value)

/** Under a heading with nothing else up to the next, or between two rules (`---`). */
const isAloneInItsPart = (before: string, after: string): boolean => {
  const isUnderHeading =
    /(?:^|\n)[ \t]*#{1,6}[ \t]+\S[^\n]*\n\s*$/.test(before) && /^\s*(?:$|\n[ \t]*#{1,6}[ \t])/.test(after)
  const isBetweenRules =
    /(?:^|\n)[ \t]*([-=*_])\1{2,}[ \t]*\n\s*$/.test(before) && /^\s*\n[ \t]*([-=*_])\1{2,}/.test(after)
  return isUnderHeading || isBetweenRules
}
