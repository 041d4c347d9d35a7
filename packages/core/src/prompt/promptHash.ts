import { createHash } from "node:crypto"
import type { Message } from "../CompletionRequest.ts"

/**
 * Knows a prompt by its rendered messages: 32 hex digits (128 bits of SHA-256). Two values that render to the same bytes
 * are the same prompt.
 */
export const promptHash = (messages: ReadonlyArray<Message>): string => {
  const identity = JSON.stringify(messages.map(({ role, content }) => ({ role, content })))
  return createHash("sha256").update(identity).digest("hex").slice(0, 32)
}
