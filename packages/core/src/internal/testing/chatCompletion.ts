/** What a test wants to say of a reply; everything else is filled in as o3-mini would. */
export interface ChatCompletionOptions {
  readonly content?: string | null
  readonly finishReason?: string
  readonly refusal?: string
  readonly model?: string
  /** Null leaves the usage out, as some servers do. */
  readonly usage?: {
    readonly promptTokens?: number
    readonly cachedPromptTokens?: number
    readonly completionTokens?: number
    readonly reasoningTokens?: number
  } | null
}

/** The body of a 200, as wire contract W2 has it: 35 prompt tokens and 310 completion tokens unless told. */
export const chatCompletion = ({
  content = "ok",
  finishReason = "stop",
  refusal,
  model = "o3-mini-2025-01-31",
  usage = {}
}: ChatCompletionOptions = {}) => ({
  id: "chatcmpl-1",
  object: "chat.completion",
  created: 1_763_800_000,
  model,
  choices: [
    {
      index: 0,
      message: { role: "assistant", content, refusal: refusal ?? null, annotations: [] },
      finish_reason: finishReason
    }
  ],
  ...(usage === null ? {} : { usage: usageOf(usage) }),
  service_tier: "default",
  system_fingerprint: "fp_1"
})

const usageOf = ({
  promptTokens = 35,
  cachedPromptTokens = 0,
  completionTokens = 310,
  reasoningTokens = 256
}: NonNullable<ChatCompletionOptions["usage"]>) => ({
  prompt_tokens: promptTokens,
  completion_tokens: completionTokens,
  total_tokens: promptTokens + completionTokens,
  prompt_tokens_details: { cached_tokens: cachedPromptTokens, audio_tokens: 0 },
  completion_tokens_details: {
    reasoning_tokens: reasoningTokens,
    audio_tokens: 0,
    accepted_prediction_tokens: 0,
    rejected_prediction_tokens: 0
  }
})
