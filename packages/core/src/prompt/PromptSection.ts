import type { Delimiter } from "./Delimiter.ts"
import { escapeForDelimiter, unescapeForDelimiter } from "./escapeForDelimiter.ts"

/** A piece of data with a name, set apart from the instructions and from other data. */
export interface PromptSection {
  /** A letter, then letters, digits, `_` and `-`; spaces too where it is no tag. */
  readonly name: string
  /** Any text at all: it cannot close its own delimiter. */
  readonly content: string
  readonly delimiter: Delimiter
}

/**
 * A section as text. `names` are the tags that its content must not forge: those of the whole prompt, or its own.
 * Three quotes become more where the content has as many, so fenced content is never changed.
 */
export const renderSection = (
  { name, content, delimiter }: PromptSection,
  names: ReadonlyArray<string> = [name]
): string => {
  switch (delimiter) {
    case "xml":
      return `<${name}>\n${escapeForDelimiter(content, { delimiter, names })}\n</${name}>`
    case "triple-quotes": {
      const fence = '"'.repeat(Math.max(3, longestRun(content) + 1))
      return `${name}:\n${fence}\n${content}\n${fence}`
    }
    case "heading":
      return `## ${name}\n\n${escapeForDelimiter(content, { delimiter })}`
  }
}

/**
 * The sections of a text, with their data as it was before rendering; text between sections is passed over. `names` must
 * be the ones it was rendered with. What a section holds is not searched for others.
 */
export const readSections = (text: string, names: ReadonlyArray<string>): ReadonlyArray<PromptSection> => {
  const sections: Array<PromptSection> = []
  let position = 0
  while (position < text.length) {
    const read = readSectionAt(text, position, names)
    if (read === undefined) {
      const lineEnd = text.indexOf("\n", position)
      position = lineEnd === -1 ? text.length : lineEnd + 1
    } else {
      sections.push(read.section)
      position = read.end
    }
  }
  return sections
}

interface ReadSection {
  readonly section: PromptSection
  readonly end: number
}

const readSectionAt = (text: string, start: number, names: ReadonlyArray<string>): ReadSection | undefined => {
  const tag = matchAt(/<([A-Za-z][\w-]*)>\n/y, text, start)
  if (tag !== undefined) {
    const name = tag.captured[0] ?? ""
    const content = upTo(text, tag.end, `\n</${name}>`)
    if (content === undefined) return undefined
    const data = unescapeForDelimiter(content.text, { delimiter: "xml", names })
    return { section: { name, content: data, delimiter: "xml" }, end: content.end }
  }
  const fence = matchAt(/([A-Za-z][\w -]*):\n("{3,})\n/y, text, start)
  if (fence !== undefined) {
    const [name = "", quotes = ""] = fence.captured
    const content = upTo(text, fence.end, `\n${quotes}`)
    if (content === undefined) return undefined
    return { section: { name, content: content.text, delimiter: "triple-quotes" }, end: content.end }
  }
  const heading = matchAt(quotedUnderHeading, text, start)
  if (heading === undefined) return undefined
  const [name = "", quoted = ""] = heading.captured
  const content = unescapeForDelimiter(quoted, { delimiter: "heading" })
  return { section: { name, content, delimiter: "heading" }, end: heading.end }
}

const quotedUnderHeading =
  /## ([A-Za-z][\w -]*)\n\n(> [^\n\v\f\r\u0085\u2028\u2029]*(?:(?:\r\n|[\n\v\f\r\u0085\u2028\u2029])> [^\n\v\f\r\u0085\u2028\u2029]*)*)/y

const matchAt = (sticky: RegExp, text: string, start: number) => {
  sticky.lastIndex = start
  const match = sticky.exec(text)
  return match === null ? undefined : { captured: match.slice(1), end: start + match[0].length }
}

const upTo = (text: string, start: number, mark: string) => {
  const found = text.indexOf(mark, start)
  return found === -1 ? undefined : { text: text.slice(start, found), end: found + mark.length }
}

const longestRun = (content: string) =>
  Array.from(content.matchAll(/"+/g), ([run]) => run.length).reduce((longest, length) => Math.max(longest, length), 0)
