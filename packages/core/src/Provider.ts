import type { Redacted } from "effect"

/**
 * How a provider is spoken to: Segmind's `/v1/{slug}`, its asynchronous `/v2/{slug}` with polling, or OpenAI's
 * `/v1/chat/completions`.
 */
export type Protocol = "segmind" | "segmind-v2" | "openai"

/**
 * Where calls go, and what may be believed of it.
 *
 * A provider has one key; where it comes from (environment, file, command) is the app's business. Several keys of one
 * gateway are several providers, each with a name of its own, its own limits and its own circuit breaker.
 */
export interface Provider {
  /** The name that requests use: `segmind`, `openai`, `compatible`, `simulator`. */
  readonly name: string
  readonly protocol: Protocol
  /** Without a path, as `https://api.segmind.com`. */
  readonly baseUrl: string
  /** Stands for the base URL in completion keys, for a server that listens on another port each time. */
  readonly origin?: string
  readonly apiKey: Redacted.Redacted<string>
  /** OpenAI's protocol alone: where calls are posted to, `/v1/chat/completions` by default; Azure has deployments here. */
  readonly completionsPath?: string
  /** OpenAI's protocol alone: the header that bears the key, `authorization` with `Bearer` by default; Azure's `api-key`. */
  readonly keyHeader?: "authorization" | "api-key"
  /** The field that caps the reply, `max_completion_tokens` by default. Ollama knows `max_tokens` only. */
  readonly capField?: "max_completion_tokens" | "max_tokens"
  /**
   * Whether the provider is known to honour `max_completion_tokens`. If not, a call is bounded by the model's output
   * limit, or by what was asked for under a soft budget, which the provider might then pass.
   */
  readonly capHonoured: boolean
  /** Price over the list price, as a percentage: 100 is the list price, 150 half as much again. */
  readonly markupPercent: number
  /** Whether its replies are programmed. Stored with every run and shown with every number. */
  readonly simulated: boolean
  /** Whether an estimated charge leaves the rest of its bound held, since the provider bills by its own rules. */
  readonly holdsEstimates: boolean
}

/** Segmind's public gateway. Its markup on list prices is not published: 150 % until a probe says better. */
export const segmind = (apiKey: Redacted.Redacted<string>, baseUrl = "https://api.segmind.com"): Provider => ({
  name: "segmind",
  protocol: "segmind",
  baseUrl,
  apiKey,
  capHonoured: false,
  markupPercent: 150,
  simulated: false,
  holdsEstimates: true
})

/**
 * Segmind's asynchronous routes: a call is submitted and then polled, so that only an answer lost in the short submit
 * leaves it in doubt; a result that was lost is fetched again at no cost. That all models have these routes is not verified.
 */
export const segmindV2 = (apiKey: Redacted.Redacted<string>, baseUrl = "https://api.segmind.com"): Provider => ({
  ...segmind(apiKey, baseUrl),
  name: "segmind-v2",
  protocol: "segmind-v2"
})

/** Any server that speaks OpenAI's chat completions, as OpenAI itself, vLLM, Ollama or LiteLLM. */
export const openAiCompatible = (
  apiKey: Redacted.Redacted<string>,
  baseUrl: string,
  name = "compatible"
): Provider => ({
  name,
  protocol: "openai",
  baseUrl,
  apiKey,
  capHonoured: true,
  markupPercent: 100,
  simulated: false,
  holdsEstimates: false
})

/** The stand-in that speaks Segmind's contract: cap honoured, list prices, and nothing it says is about a model. */
export const simulator = (apiKey: Redacted.Redacted<string>, baseUrl: string): Provider => ({
  name: "simulator",
  protocol: "segmind",
  baseUrl,
  apiKey,
  capHonoured: true,
  markupPercent: 100,
  simulated: true,
  holdsEstimates: true
})
