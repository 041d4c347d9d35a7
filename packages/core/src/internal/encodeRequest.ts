import { Redacted } from "effect"
import { HttpClientRequest } from "effect/http"
import type { CompletionRequest } from "../CompletionRequest.ts"
import type { Provider } from "../Provider.ts"

/**
 * The HTTP request of one attempt: exactly `accept`, `content-type` and the provider's key header, nothing else of ours.
 *
 * Segmind forwards unknown fields to the model and refuses `temperature`, `max_tokens` and their like there, so only
 * fields that reasoning models take are ever sent. A gateway with a slug in its path gets no `model` field.
 */
export const encodeRequest = (request: CompletionRequest, provider: Provider): HttpClientRequest.HttpClientRequest => {
  const key = Redacted.value(provider.apiKey)
  const segmind = provider.protocol === "segmind"
  const path = segmind ? `/v1/${request.model}` : "/v1/chat/completions"
  return HttpClientRequest.post(provider.baseUrl + path).pipe(
    HttpClientRequest.setHeaders({
      accept: "application/json",
      ...(segmind ? { "x-api-key": key } : { authorization: `Bearer ${key}` })
    }),
    HttpClientRequest.bodyText(JSON.stringify(encodeBody(request, provider)), "application/json")
  )
}

const encodeBody = (request: CompletionRequest, provider: Provider) => ({
  ...(provider.protocol === "openai" ? { model: request.model } : {}),
  messages: request.messages.map(({ role, content }) => ({ role, content })),
  ...(request.reasoningEffort === undefined ? {} : { reasoning_effort: request.reasoningEffort }),
  max_completion_tokens: request.maxCompletionTokens,
  ...(request.seed === undefined ? {} : { seed: request.seed }),
  ...(request.json === true ? { response_format: { type: "json_object" } } : {})
})
