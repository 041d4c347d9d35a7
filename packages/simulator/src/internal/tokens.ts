/**
 * Tokens of a prompt: a sixth of its UTF-8 bytes, and four for each message's frame. English takes about a fifth; the
 * count stays below that, so that a client which bounds the prompt by a real tokenizer is not passed any more than one
 * which bounds it by the contract's bytes + 8 a message + 32.
 */
export const countPromptTokens = (messages: ReadonlyArray<{ readonly content: string }>): number => {
  let tokens = 3
  for (const { content } of messages) tokens += 4 + Math.ceil(Buffer.byteLength(content) / 6)
  return tokens
}

/** Visible tokens of a reply: pieces of four UTF-16 units. */
export const countTokens = (text: string): number => Math.ceil(text.length / unitsPerToken)

/** The first so many tokens of a text, never ending inside a surrogate pair. */
export const takeTokens = (text: string, tokens: number): string => {
  const end = tokens * unitsPerToken
  const last = text.charCodeAt(end - 1)
  return text.slice(0, last >= 0xd800 && last <= 0xdbff ? end - 1 : end)
}

const unitsPerToken = 4
