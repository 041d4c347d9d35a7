import type { Message, Role } from "@assay/core"
import { type Enclosure, enclosuresAt, escapeForDelimiter } from "@assay/core/prompt"
import { hashText } from "./internal/hashText.ts"

/** A prompt as written: messages with `{{variables}}`, known by the hash of its text. */
export interface PromptTemplate {
  readonly name: string
  /** 32 hex digits over the text. */
  readonly hash: string
  readonly messages: ReadonlyArray<TemplateMessage>
  /** The names between double braces, in order of appearance. */
  readonly variables: ReadonlyArray<string>
}

/** A message with its places for values. */
export interface TemplateMessage extends Message {
  readonly slots: ReadonlyArray<Slot>
}

/** A place for a value, `start` up to `end` in the content, and the delimiters that the value must not close. */
export interface Slot {
  readonly variable: string
  readonly start: number
  readonly end: number
  readonly enclosures: ReadonlyArray<Enclosure>
}

const heading = /^##[ \t]+(system|user|assistant)[ \t]*$/gim
const variable = /\{\{\s*([A-Za-z_]\w*)\s*\}\}/g

/**
 * Reads a prompt from Markdown. Headings `## system`, `## user` and `## assistant` begin messages, so few-shot turns are
 * more headings; a text without them is one user message. Space around a message is not a part of it, and neither a
 * byte order mark nor the kind of line ends makes another prompt. See `promptFault` for texts that lose something here.
 */
export const parsePrompt = (name: string, text: string): PromptTemplate => {
  const plain = splitMessages(normal(text))
  const messages = plain.map((message) => ({ ...message, slots: findSlots(message.content) }))
  const names = messages.flatMap(({ slots }) => slots.map((slot) => slot.variable))
  return { name, hash: hashText(JSON.stringify(plain)), messages, variables: Array.from(new Set(names)) }
}

/** Why a text is no good prompt, in a sentence: words that belong to no message, or a message without words. */
export const promptFault = (text: string): string | undefined => {
  const [first] = normal(text).matchAll(heading)
  if (first !== undefined && normal(text).slice(0, first.index).trim() !== "") {
    return `there is text before "${first[0].trim()}" that would never be sent`
  }
  const empty = splitMessages(normal(text)).find(({ content }) => content === "")
  if (empty === undefined) return undefined
  return first === undefined ? "it is empty" : `a message of the ${empty.role} is empty`
}

/**
 * Fills a prompt with a sample's input: text as it is, other values as JSON. A value cannot close the tags or the triple
 * quotes that it stands in: where it would, it is escaped by a backslash. Values are not searched for variables, so a
 * sample may hold braces. Pure, so equal inputs give equal messages.
 * A variable that `input` lacks is left as it stands; loading a suite has refused it before.
 */
export const renderPrompt = (template: PromptTemplate, input: unknown): ReadonlyArray<Message> => {
  const values = typeof input === "object" && input !== null ? (input as Record<string, unknown>) : {}
  return template.messages.map(({ role, content, slots }) => ({ role, content: fill(content, slots, values) }))
}

const fill = (content: string, slots: ReadonlyArray<Slot>, values: Readonly<Record<string, unknown>>): string => {
  let filled = ""
  let from = 0
  for (const { variable, start, end, enclosures } of slots) {
    const value = Object.hasOwn(values, variable)
      ? enclosures.reduce(escapeForDelimiter, show(values[variable]))
      : content.slice(start, end)
    filled += content.slice(from, start) + value
    from = end
  }
  return filled + content.slice(from)
}

const findSlots = (content: string): ReadonlyArray<Slot> =>
  Array.from(content.matchAll(variable), ({ 0: braces, 1: name = "", index }) => {
    const place = { start: index, end: index + braces.length }
    return { variable: name, ...place, enclosures: enclosuresAt(content, place) }
  })

const normal = (text: string): string => text.replace(/^\uFEFF/, "").replaceAll("\r\n", "\n")

const splitMessages = (text: string): ReadonlyArray<Message> => {
  const headings = Array.from(text.matchAll(heading))
  if (headings.length === 0) return [{ role: "user", content: text.trim() }]
  return headings.map((match, index) => ({
    role: (match[1] ?? "user").toLowerCase() as Role,
    content: text.slice(match.index + match[0].length, headings[index + 1]?.index ?? text.length).trim()
  }))
}

/** Schemas may decode to values that JSON does not know, such as bigints. */
const show = (value: unknown): string => {
  if (typeof value === "string") return value
  if (typeof value === "bigint" || value === undefined) return String(value)
  return JSON.stringify(value, (_, inner: unknown) => (typeof inner === "bigint" ? String(inner) : inner), 2)
}
