import { Effect } from "effect"
import type { CompletionRequest } from "./CompletionRequest.ts"

/** Tells a number of tokens that no text has more of. */
export type TokenCounter = (text: string) => number

/** For every byte-level encoding, whatever the model: each token covers at least one byte. */
export const countBytes: TokenCounter = (text) => Buffer.byteLength(text)

/**
 * No prompt has more tokens than this: its texts, 8 a message, 32 for the frame and 32 for a JSON format. With a tokenizer
 * the bound is about a quarter of that by bytes, for English; it never is above it.
 */
export const tokenBound = (request: Pick<CompletionRequest, "messages" | "json">, count: TokenCounter): number => {
  let tokens = request.json === true ? 64 : 32
  for (const { content } of request.messages) tokens += count(content) + 8
  return tokens
}

/**
 * The counter of OpenAI's `o200k_base` encoding (o1, o3, o4-mini, gpt-4o, gpt-5 and their kin), if the optional peer
 * `gpt-tokenizer` is installed; else `undefined`. Loading takes about 250 ms, so load it once, and only when needed.
 *
 * Counts 1 KB of prose in some 75 µs. A text with a long run of one kind, as base64, is counted by bytes: tokenizers
 * take quadratic time for these, and a prompt must not be able to stop the process.
 */
export const loadO200kCounter: Effect.Effect<TokenCounter | undefined> = Effect.tryPromise({
  // Not a literal, so that no bundler and no type check asks for a package that may be absent.
  try: (): Promise<unknown> => import([tokenizer, "encoding", "o200k_base"].join("/")),
  catch: () => "absent" as const
}).pipe(
  Effect.map((module) => (isTokenizer(module) ? counterOf(module) : undefined)),
  Effect.orElseSucceed(() => undefined)
)

const tokenizer = "gpt-tokenizer"

interface Tokenizer {
  readonly countTokens: (text: string, options: TokenizerOptions) => number
}

interface TokenizerOptions {
  readonly allowedSpecial: ReadonlySet<string>
  readonly disallowedSpecial: ReadonlySet<string>
}

const isTokenizer = (module: unknown): module is Tokenizer =>
  typeof module === "object" && module !== null && "countTokens" in module && typeof module.countTokens === "function"

/** A prompt that holds `<|endoftext|>` holds that text, for us as for the provider. */
const plainText: TokenizerOptions = { allowedSpecial: new Set(), disallowedSpecial: new Set() }

/** Letters, spaces or signs in such a row are one piece to the tokenizer; no prose has them. */
const longPiece = /[\p{L}\p{M}]{256}|\s{256}|[^\s\p{L}\p{N}]{256}/u

const counterOf =
  ({ countTokens }: Tokenizer): TokenCounter =>
  (text) => {
    const bytes = countBytes(text)
    return longPiece.test(text) ? bytes : Math.min(bytes, countTokens(text, plainText))
  }
