import { Redacted } from "effect"
import { HttpBody, HttpClientRequest } from "effect/http"
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
  const { path, keyHeader } = routeOf(request, provider)
  return HttpClientRequest.post(provider.baseUrl + path, {
    headers: { accept: "application/json", [keyHeader]: keyHeader === "authorization" ? `Bearer ${key}` : key },
    body: HttpBody.text(JSON.stringify(encodeBody(request, provider)), "application/json")
  })
}

const routeOf = (request: CompletionRequest, provider: Provider) => {
  switch (provider.protocol) {
    case "segmind":
      return { path: `/v1/${request.model}`, keyHeader: "x-api-key" }
    case "segmind-v2":
      return { path: `/v2/${request.model}`, keyHeader: "x-api-key" }
    case "openai":
      return {
        path: provider.completionsPath ?? "/v1/chat/completions",
        keyHeader: provider.keyHeader ?? "authorization"
      }
  }
}

const encodeBody = (request: CompletionRequest, provider: Provider) => ({
  ...(provider.protocol === "openai" ? { model: request.model } : {}),
  messages: request.messages.map(({ role, content }) => ({ role, content })),
  ...(request.reasoningEffort === undefined ? {} : { reasoning_effort: request.reasoningEffort }),
  [provider.capField ?? "max_completion_tokens"]: request.maxCompletionTokens,
  ...(request.seed === undefined ? {} : { seed: request.seed }),
  ...(request.json === true ? { response_format: { type: "json_object" } } : {})
})
