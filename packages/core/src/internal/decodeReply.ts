import { Predicate } from "effect"
import type { FinishReason, Usage } from "../Completion.ts"

/** What a 200 holds, whichever of the many compatible servers wrote it. */
export type DecodedReply =
  | {
      readonly _tag: "Answer"
      readonly output: string
      readonly finishReason: FinishReason
      readonly refusal: string | undefined
      readonly model: string | undefined
      readonly systemFingerprint: string | undefined
      readonly usage: Usage | undefined
    }
  | { readonly _tag: "Unusable"; readonly reason: string; readonly usage: Usage | undefined }

/**
 * Reads a chat completion. Only `choices[0].message` is required, everything else may be missing or null, unknown keys
 * are ignored, and `error` is looked for first, at the top and in the choice: some servers send it with status 200.
 * The result of a Segmind v2 job holds the provider's reply as its `output`: an object, JSON text, or the bare answer.
 */
export const decodeReply = (body: string): DecodedReply => {
  const outer = parseJson(body)
  const output = field(outer, "choices") === undefined ? field(outer, "output") : undefined
  const inner = typeof output === "string" ? parseJson(output) : output
  if (typeof output === "string" && !isReply(inner)) return bareAnswer(output)
  const parsed = output === undefined ? outer : inner
  if (!Predicate.isObject(parsed)) return unusable("the body is not a JSON object")
  const usage = decodeUsage(field(parsed, "usage"))
  const error = field(parsed, "error")
  if (isError(error))
    return unusable(`it holds an error: ${readError(inner === parsed ? JSON.stringify(inner) : body)}`, usage)
  const choices = field(parsed, "choices")
  const choice = Array.isArray(choices) ? choices[0] : undefined
  const choiceError = field(choice, "error")
  if (isError(choiceError)) {
    return unusable(`its choice holds an error: ${readError(JSON.stringify({ error: choiceError }))}`, usage)
  }
  const message = field(choice, "message")
  if (!Predicate.isObject(message)) return unusable("it has no choices[0].message", usage)
  // OpenRouter's word for an answer that broke off inside the upstream.
  if (field(choice, "finish_reason") === "error") return unusable("its finish_reason is error", usage)
  const refusal = text(field(message, "refusal"))
  return {
    _tag: "Answer",
    output: textOf(field(message, "content")),
    finishReason: refusal === undefined ? decodeFinishReason(field(choice, "finish_reason")) : "refusal",
    refusal,
    model: text(field(parsed, "model")),
    systemFingerprint: text(field(parsed, "system_fingerprint")),
    usage
  }
}

/** Whether JSON inside a job's `output` is the provider's reply, and not an answer that happens to be JSON. */
const isReply = (value: unknown): boolean => field(value, "choices") !== undefined || isError(field(value, "error"))

/** What a job gives where the gateway has taken the answer out of the provider's reply. */
const bareAnswer = (output: string): DecodedReply => ({
  _tag: "Answer",
  output,
  finishReason: "unknown",
  refusal: undefined,
  model: undefined,
  systemFingerprint: undefined,
  usage: undefined
})

/**
 * The human part of an error body: `"text"`, `{error}`, `{error: {message}}`, `{message}`, `{detail}`, HTML or nothing.
 * At most 300 characters, without markup; API keys are masked, since gateways echo them.
 */
export const readError = (body: string): string => {
  const parsed = parseJson(body)
  const error = field(parsed, "error")
  const found =
    text(parsed) ??
    text(error) ??
    text(field(error, "message")) ??
    text(field(parsed, "message")) ??
    text(field(parsed, "detail")) ??
    text(field(parsed, "error_description"))
  const plain = (found ?? body.replace(/<[^>]*>/g, " ")).replace(/\s+/g, " ").trim()
  return maskKeys(plain).slice(0, 300) || "no reason given"
}

/** The machine's word for an error, where the body has one: `model_not_found`, `insufficient_quota`. */
export const readErrorCode = (body: string): string | undefined => {
  const error = field(parseJson(body), "error")
  return text(field(error, "code")) ?? text(field(error, "type"))
}

/** Whether a body is an object with an `error`, as the gateways themselves write it; proxies before them write HTML. */
export const holdsError = (body: string): boolean => {
  const parsed = parseJson(body)
  // Older vLLM marks the whole body as the error.
  return isError(field(parsed, "error")) || field(parsed, "object") === "error"
}

const isError = (error: unknown): boolean => error !== undefined && error !== null

const maskKeys = (message: string): string => message.replace(/\b(SG_|sk-)[\w-]{4,}/g, "$1…")

const unusable = (reason: string, usage?: Usage): DecodedReply => ({ _tag: "Unusable", reason, usage })

/** Some servers send the text in parts: `[{type: "text", text}]`. */
const textOf = (content: unknown): string => {
  if (typeof content === "string") return content
  return Array.isArray(content) ? content.map((part) => text(field(part, "text")) ?? "").join("") : ""
}

const decodeFinishReason = (reason: unknown): FinishReason =>
  reason === "stop" || reason === "length" || reason === "content_filter" ? reason : "unknown"

const decodeUsage = (usage: unknown): Usage | undefined => {
  const promptTokens = count(field(usage, "prompt_tokens"))
  const completionTokens = count(field(usage, "completion_tokens"))
  if (promptTokens === undefined || completionTokens === undefined) return undefined
  return {
    promptTokens,
    cachedPromptTokens: count(field(field(usage, "prompt_tokens_details"), "cached_tokens")) ?? 0,
    completionTokens,
    reasoningTokens: count(field(field(usage, "completion_tokens_details"), "reasoning_tokens")) ?? 0
  }
}

/** Token counts come as numbers, and from some servers as strings. An empty string is no count, though `Number` says 0. */
const count = (value: unknown): number | undefined => {
  const amount = typeof value === "string" && /^\s*\d/.test(value) ? Number(value) : value
  return typeof amount === "number" && Number.isSafeInteger(amount) && amount >= 0 ? amount : undefined
}

const text = (value: unknown): string | undefined => (typeof value === "string" && value !== "" ? value : undefined)

const field = (value: unknown, key: string): unknown =>
  Predicate.isObject(value) ? (value as Record<string, unknown>)[key] : undefined

const parseJson = (body: string): unknown => {
  try {
    return JSON.parse(body.replace(/^\uFEFF/, ""))
  } catch {
    return undefined
  }
}
