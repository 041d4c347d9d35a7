import type { Message, Role } from "@assay/core"
import { hashText } from "./internal/hashText.ts"

/** A prompt as written: messages with `{{variables}}`, known by the hash of its text. */
export interface PromptTemplate {
  readonly name: string
  /** 32 hex digits over the text. */
  readonly hash: string
  readonly messages: ReadonlyArray<Message>
  /** The names between double braces, in order of appearance. */
  readonly variables: ReadonlyArray<string>
}

const heading = /^##[ \t]+(system|user|assistant)[ \t]*$/gim
const variable = /\{\{\s*([A-Za-z_]\w*)\s*\}\}/g

/**
 * Reads a prompt from Markdown. Headings `## system`, `## user` and `## assistant` begin messages, so few-shot turns are
 * more headings; a text without them is one user message. Space around a message is not a part of it.
 */
export const parsePrompt = (name: string, text: string): PromptTemplate => {
  const messages = splitMessages(text.replaceAll("\r\n", "\n"))
  const names = messages.flatMap(({ content }) => Array.from(content.matchAll(variable), ([, found = ""]) => found))
  return { name, hash: hashText(JSON.stringify(messages)), messages, variables: Array.from(new Set(names)) }
}

/**
 * Fills a prompt with a sample's input: text as it is, other values as JSON. Pure, so equal inputs give equal messages.
 * A variable that `input` lacks is left as it stands; loading a suite has refused it before.
 */
export const renderPrompt = (template: PromptTemplate, input: unknown): ReadonlyArray<Message> => {
  const values = typeof input === "object" && input !== null ? (input as Record<string, unknown>) : {}
  return template.messages.map(({ role, content }) => ({
    role,
    content: content.replace(variable, (placeholder, name: string) =>
      Object.hasOwn(values, name) ? show(values[name]) : placeholder
    )
  }))
}

const splitMessages = (text: string): ReadonlyArray<Message> => {
  const headings = Array.from(text.matchAll(heading))
  if (headings.length === 0) return [{ role: "user", content: text.trim() }]
  return headings.map((match, index) => ({
    role: (match[1] ?? "user").toLowerCase() as Role,
    content: text.slice(match.index + match[0].length, headings[index + 1]?.index ?? text.length).trim()
  }))
}

const show = (value: unknown): string => (typeof value === "string" ? value : JSON.stringify(value, null, 2))
