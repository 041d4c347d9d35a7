import { hash } from "node:crypto"

/** What the simulated model sees of a prompt: who speaks, and what is said. */
export interface SimulatedMessage {
  readonly role: string
  readonly content: string
}

/**
 * 32 hex characters (128 bits of SHA-256) that name a prompt in the answer book.
 *
 * The encoding is JSON of `[[role, content], …]`: quotes and lone surrogates are escaped there, so two different
 * lists of messages never share an encoding. Other keys of a message do not count.
 */
export const hashMessages = (messages: ReadonlyArray<SimulatedMessage>): string =>
  hash("sha256", JSON.stringify(messages.map(({ role, content }) => [role, content])), "hex").slice(0, 32)
