import type { Enclosure } from "./Delimiter.ts"
import { delimiterSpans, holds, type Span } from "./delimiterSpans.ts"

/**
 * The delimiters around a place in a template, innermost first: all its tags as one, and a fence of exactly three quotes.
 * A value that is put there is safe when `escapeForDelimiter` has been applied for each of them, in this order. Backticks
 * and headings are not among them: code must stay as it is, and a template's own lines are not quoted.
 */
export const enclosuresAt = (template: string, place: Span): ReadonlyArray<Enclosure> => {
  const around = delimiterSpans(template).filter((span) => holds(span, place))
  const names = Array.from(new Set(around.filter(({ kind }) => kind === "tag").map(({ name }) => name)))
  const fenced = around.some(({ kind, name }) => kind === "fence" && name === '"""')
  return [
    ...(fenced ? [{ delimiter: "triple-quotes" } as const] : []),
    ...(names.length === 0 ? [] : [{ delimiter: "xml", names } as const])
  ]
}
