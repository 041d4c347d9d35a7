import type { Message } from "../CompletionRequest.ts"

const texts = new WeakMap<ReadonlyArray<Message>, string>()

/** Messages as JSON, encoded once: a call needs them for its key and for its body, and a retry needs them again. */
export const messagesText = (messages: ReadonlyArray<Message>): string => {
  const known = texts.get(messages)
  if (known !== undefined) return known
  const text = JSON.stringify(messages.map(({ role, content }) => ({ role, content })))
  texts.set(messages, text)
  return text
}
