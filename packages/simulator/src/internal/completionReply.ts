import { printCredits, printSeconds } from "./decimal.ts"
import type { Reply } from "./Reply.ts"
import type { Dialect } from "./readRequest.ts"
import type { SimulatedCompletion } from "./simulateCompletion.ts"

/** The version of the simulated model: raise it whenever the same request would get another reply. */
const fingerprint = "fp_simulator1"

/** Pico-credits, milliseconds, and the end of the current rate-limit window. */
interface Stamps {
  readonly cost: bigint
  readonly balance: bigint
  readonly generationMs: number
  readonly requestId: string
  readonly resetAt: string
}

export const completionReply = (
  completion: SimulatedCompletion,
  { snapshot, stamps, dialect }: { readonly snapshot: string; readonly stamps: Stamps; readonly dialect: Dialect }
): Reply => ({
  status: 200,
  headers: completionHeaders(stamps, dialect),
  body: completionBody(completion, snapshot)
})

/**
 * The vendor's `chat.completion`. Written by hand, because building and serialising the object costs more than the
 * rest of the call; only the two free texts need escaping.
 */
const completionBody = (
  { digest, content, refusal, finishReason, promptTokens, completionTokens, reasoningTokens }: SimulatedCompletion,
  snapshot: string
): string =>
  `{"id":"chatcmpl-${digest.slice(0, 29)}","object":"chat.completion","created":${createdAt(digest)},` +
  `"model":${JSON.stringify(snapshot)},"choices":[{"index":0,"message":{"role":"assistant",` +
  `"content":${JSON.stringify(content)},"refusal":${JSON.stringify(refusal)},"annotations":[]},` +
  `"finish_reason":"${finishReason}"}],"usage":{"prompt_tokens":${promptTokens},` +
  `"completion_tokens":${completionTokens},"total_tokens":${promptTokens + completionTokens},` +
  `"prompt_tokens_details":{"cached_tokens":0,"audio_tokens":0},` +
  `"completion_tokens_details":{"reasoning_tokens":${reasoningTokens},"audio_tokens":0,` +
  `"accepted_prediction_tokens":0,"rejected_prediction_tokens":0}},` +
  `"service_tier":"default","system_fingerprint":"${fingerprint}"}`

const completionHeaders = (stamps: Stamps, dialect: Dialect): ReadonlyArray<string> =>
  dialect === "openai"
    ? ["content-type", "application/json", "x-request-id", stamps.requestId]
    : [
        "content-type",
        "application/json",
        "x-request-id",
        stamps.requestId,
        "x-cost",
        printCredits(stamps.cost),
        "x-remaining-credits",
        printCredits(stamps.balance),
        "x-generation-time",
        printSeconds(stamps.generationMs),
        "x-rate-limit-reset-at-utc",
        stamps.resetAt
      ]

/** A second within the year after the fixed start, told by the digest: the wall clock would break determinism. */
const createdAt = (digest: string): number => 1_763_800_000 + (Number.parseInt(digest.slice(32, 40), 16) % 31_536_000)
