import { Redacted } from "effect"
import type { Completion } from "../Completion.ts"
import type { CompletionRequest } from "../CompletionRequest.ts"
import { formatCredits } from "../Credits.ts"
import type { ModelError } from "../ModelError.ts"
import type { Provider } from "../Provider.ts"

export type Attributes = Readonly<Record<string, string | number | boolean | ReadonlyArray<string> | undefined>>

/** What is known before the call: the span's attributes, and the fewer that metrics are told apart by. */
export const ofRequest = (request: CompletionRequest, provider: Provider | undefined) => {
  const metric: Record<string, string> = {
    "gen_ai.operation.name": "chat",
    "gen_ai.provider.name": provider?.name ?? request.provider ?? "unknown",
    "gen_ai.request.model": request.model
  }
  const url = provider === undefined ? null : URL.parse(provider.baseUrl)
  if (url !== null) metric["server.address"] = url.hostname
  const span: Record<string, string | number | boolean> = {
    ...metric,
    "gen_ai.output.type": request.json === true ? "json" : "text",
    "gen_ai.request.max_tokens": request.maxCompletionTokens,
    "assay.attempt.kind": request.kind ?? "answer",
    "assay.trial.index": request.trialIndex ?? 0
  }
  if (url !== null) span["server.port"] = Number(url.port || (url.protocol === "https:" ? 443 : 80))
  if (provider !== undefined) span["assay.provider.simulated"] = provider.simulated
  if (request.seed !== undefined) span["gen_ai.request.seed"] = request.seed
  if (request.reasoningEffort !== undefined) span["assay.request.reasoning_effort"] = request.reasoningEffort
  return { span, metric }
}

/**
 * Credits are decimal text, since an attribute's number is a float. A reply that had been bought already, which took no
 * attempt, says nothing of tokens and charges zero, so that sums over spans are what was spent.
 */
export const ofCompletion = (completion: Completion): Attributes => {
  const { charge, remainingCredits, attempts } = completion
  const bought = attempts > 0
  const usage = bought ? completion.usage : undefined
  return {
    "gen_ai.response.model": completion.model,
    "gen_ai.response.finish_reasons": [completion.finishReason],
    "gen_ai.usage.input_tokens": usage?.promptTokens,
    "gen_ai.usage.output_tokens": usage?.completionTokens,
    "gen_ai.usage.cache_read.input_tokens": usage?.cachedPromptTokens,
    "gen_ai.usage.reasoning.output_tokens": usage?.reasoningTokens,
    "assay.request.id": completion.requestId,
    "assay.credits.charged": formatCredits(bought ? charge.amount : 0n),
    "assay.credits.source": charge.source,
    "assay.credits.held": formatCredits(bought ? charge.held : 0n),
    "assay.credits.remaining": remainingCredits === undefined ? undefined : formatCredits(remainingCredits),
    "assay.attempt.id": completion.attemptId,
    "assay.attempts": attempts
  }
}

export const ofError = (error: ModelError): Attributes => ({
  "assay.credits.charged": "charged" in error ? formatCredits(error.charged) : "0",
  "assay.credits.held": error._tag === "CallInDoubt" ? formatCredits(error.held) : "0",
  "assay.attempt.id": "attemptId" in error ? error.attemptId : undefined,
  "assay.attempts": "attempts" in error ? error.attempts : undefined,
  "http.response.status_code": "status" in error && error.status > 0 ? error.status : undefined
})

export const inputContent = (
  { messages }: CompletionRequest,
  providers: ReadonlyArray<Provider>
): Record<string, string> => ({
  "gen_ai.input.messages": masked(
    JSON.stringify(messages.map(({ role, content }) => ({ role, parts: [{ type: "text", content }] }))),
    providers
  )
})

export const outputContent = (
  { output, refusal, finishReason }: Completion,
  providers: ReadonlyArray<Provider>
): Attributes => ({
  "gen_ai.output.messages": masked(
    JSON.stringify([
      {
        role: "assistant",
        parts: [{ type: "text", content: output === "" ? (refusal ?? "") : output }],
        finish_reason: finishReason
      }
    ]),
    providers
  )
})

/** A shorter key than this is a local server's placeholder, and may be a plain word of the prompt. */
const shortestSecret = 12

const masked = (text: string, providers: ReadonlyArray<Provider>): string =>
  providers.reduce((rest, { apiKey }) => {
    const key = Redacted.value(apiKey)
    return key.length >= shortestSecret ? rest.replaceAll(key, "…") : rest
  }, text)
