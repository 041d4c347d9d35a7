import type { Redacted } from "effect"

/** How a provider is spoken to: Segmind's own routes, or OpenAI's `/v1/chat/completions`. */
export type Protocol = "segmind" | "openai"

/** Where calls go, and what may be believed of it. */
export interface Provider {
  /** The name that requests use: `segmind`, `openai`, `compatible`, `simulator`. */
  readonly name: string
  readonly protocol: Protocol
  /** Without a path, as `https://api.segmind.com`. */
  readonly baseUrl: string
  /** Stands for the base URL in completion keys, for a server that listens on another port each time. */
  readonly origin?: string
  readonly apiKey: Redacted.Redacted<string>
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
