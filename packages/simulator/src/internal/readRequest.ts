import { hashMessages, type SimulatedMessage } from "../hashMessages.ts"
import type { SimulatedModel } from "../SimulatedModel.ts"
import type { JsonMode } from "./dressAnswer.ts"
import { type Refusal, refusal } from "./Refusal.ts"
import type { CompletionRequest, Effort } from "./simulateCompletion.ts"
import { countPromptTokens } from "./tokens.ts"

/** Which of the two wire shapes a call speaks. */
export type Dialect = "segmind" | "openai"

/** What a body may hold that anybody here reads; nothing is known of the values yet. */
export interface RequestBody {
  readonly messages?: unknown
  readonly prompt?: unknown
  readonly model?: unknown
  readonly reasoning_effort?: unknown
  readonly max_completion_tokens?: unknown
  readonly max_tokens?: unknown
  readonly response_format?: unknown
  readonly seed?: unknown
  readonly n?: unknown
}

/**
 * The 400 checks. Stricter than the gateway is known to be: whatever the contract tells a client not to send, and
 * whatever OpenAI would not recognise, is refused with the vendor's sentence for it.
 */
export const readRequest = (
  body: RequestBody,
  { slug, model, dialect }: { readonly slug: string; readonly model: SimulatedModel; readonly dialect: Dialect }
): CompletionRequest | Refusal => {
  for (const key in body) {
    if (known.has(key)) continue
    if (!(sampling.has(key) && !model.reasons)) return unsupported(key, sampling.has(key))
  }
  const messages = readMessages(body, dialect)
  if (!Array.isArray(messages)) return messages as Refusal

  const effort = body.reasoning_effort ?? "medium"
  if (!isEffort(effort)) return invalidValue("reasoning_effort", effort, "'low', 'medium', and 'high'")
  if (body.reasoning_effort !== undefined && !model.reasons) return unsupported("reasoning_effort", false)

  const cap = body.max_completion_tokens ?? (model.reasons ? undefined : body.max_tokens)
  if (cap !== undefined && !(isInteger(cap) && cap >= 1)) {
    return refusal(400, `Invalid value for 'max_completion_tokens': expected an integer of at least 1.`, {
      param: "max_completion_tokens",
      code: "integer_below_min_value"
    })
  }
  if (cap !== undefined && cap > model.outputLimit) {
    return refusal(
      400,
      `max_completion_tokens is too large: ${cap}. This model supports at most ${model.outputLimit} completion tokens.`,
      { param: "max_completion_tokens", code: "invalid_value" }
    )
  }
  const seed = body.seed ?? 0
  if (!isInteger(seed)) return refusal(400, "Invalid type for 'seed': expected an integer.", { param: "seed" })
  if (body.n !== undefined && body.n !== 1) return invalidValue("n", body.n, "1")

  const jsonMode = readJsonMode(body.response_format, messages)
  if (jsonMode !== undefined && "status" in jsonMode) return jsonMode

  if (countPromptTokens(messages) > model.contextWindow) {
    return refusal(
      400,
      `This model's maximum context length is ${model.contextWindow} tokens. However, your messages resulted in ` +
        `${countPromptTokens(messages)} tokens. Please reduce the length of the messages.`,
      { param: "messages", code: "context_length_exceeded" }
    )
  }
  return { slug, messages, messagesHash: hashMessages(messages), effort, maxCompletionTokens: cap, seed, jsonMode }
}

const known = new Set([
  "messages",
  "prompt",
  "model",
  "reasoning_effort",
  "max_completion_tokens",
  "response_format",
  "seed",
  "n",
  "store",
  "metadata",
  "user",
  "service_tier"
])

/** Parameters that a model which reasons rejects and one which doesn't accepts; the simulated model ignores them. */
const sampling = new Set([
  "temperature",
  "top_p",
  "presence_penalty",
  "frequency_penalty",
  "logprobs",
  "top_logprobs",
  "logit_bias",
  "max_tokens",
  "parallel_tool_calls"
])

const unsupported = (key: string, byModel: boolean): Refusal =>
  byModel
    ? refusal(
        400,
        `Unsupported parameter: '${key}' is not supported with this model.` +
          (key === "max_tokens" ? " Use 'max_completion_tokens' instead." : ""),
        { param: key, code: "unsupported_parameter" }
      )
    : refusal(400, `Unrecognized request argument supplied: ${key}`, { param: key, code: "unsupported_parameter" })

const invalidValue = (param: string, value: unknown, supported: string): Refusal =>
  refusal(400, `Invalid value: ${JSON.stringify(value)}. Supported values are: ${supported}.`, {
    param,
    code: "invalid_value"
  })

const isEffort = (value: unknown): value is Effort => value === "low" || value === "medium" || value === "high"

const isInteger = (value: unknown): value is number => Number.isSafeInteger(value)

const readMessages = (body: RequestBody, dialect: Dialect): ReadonlyArray<SimulatedMessage> | Refusal => {
  const prompt = body.prompt
  if (body.messages === undefined && typeof prompt === "string" && dialect === "segmind") {
    return [{ role: "user", content: prompt }]
  }
  const list = body.messages
  if (list === undefined) return badMessages("Missing required parameter: 'messages'.", "missing_required_parameter")
  if (!Array.isArray(list) || list.length === 0)
    return badMessages("'messages' must be a list with at least one message.")
  for (const message of list as ReadonlyArray<unknown>) {
    if (typeof message !== "object" || message === null) return badMessages("Each of 'messages' must be an object.")
    const { role, content } = message as { readonly role?: unknown; readonly content?: unknown }
    if (
      !(role === "user" || role === "assistant" || role === "system" || (role === "developer" && dialect === "openai"))
    ) {
      return badMessages("Invalid 'role' in 'messages': it must be 'system', 'user' or 'assistant'.")
    }
    if (Array.isArray(content))
      return badMessages("Invalid content type: this model takes text only, not images or parts.")
    if (typeof content !== "string") return badMessages("Invalid 'content' in 'messages': it must be a string.")
  }
  return list as ReadonlyArray<SimulatedMessage>
}

const badMessages = (message: string, code = "invalid_value"): Refusal =>
  refusal(400, message, { param: "messages", code })

/** `undefined` means prose. The vendor wants the word JSON in the messages before it turns the plain mode on. */
const readJsonMode = (format: unknown, messages: ReadonlyArray<SimulatedMessage>): JsonMode | undefined | Refusal => {
  if (format === undefined) return undefined
  const { type, json_schema } = (format ?? {}) as { readonly type?: unknown; readonly json_schema?: unknown }
  if (type === "text") return undefined
  if (type === "json_schema") return { key: firstKey(json_schema) ?? "answer" }
  if (type !== "json_object")
    return invalidValue("response_format.type", type, "'text', 'json_object', and 'json_schema'")
  if (messages.some(({ content }) => /json/i.test(content))) return { key: "answer" }
  return badMessages(
    "'messages' must contain the word 'json' in some form, to use 'response_format' of type 'json_object'."
  )
}

const firstKey = (jsonSchema: unknown): string | undefined => {
  const { schema } = (jsonSchema ?? {}) as { readonly schema?: { readonly properties?: object } }
  return Object.keys(schema?.properties ?? {})[0]
}
