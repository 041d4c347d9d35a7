import { Option, Redacted } from "effect"
import { Headers, HttpBody, HttpClientRequest, UrlParams } from "effect/http"
import type { CompletionRequest } from "../CompletionRequest.ts"
import type { Provider } from "../Provider.ts"
import { messagesText } from "./messagesText.ts"

/**
 * The HTTP request of one attempt: exactly `accept`, `content-type` and the provider's key header, nothing else of ours.
 *
 * Segmind forwards unknown fields to the model and refuses `temperature`, `max_tokens` and their like there, so only
 * fields that reasoning models take are ever sent. A gateway with a slug in its path gets no `model` field.
 */
export const encodeRequest = (request: CompletionRequest, provider: Provider): HttpClientRequest.HttpClientRequest =>
  HttpClientRequest.makeWith(
    "POST",
    provider.baseUrl + pathOf(request, provider),
    UrlParams.empty,
    Option.none(),
    headersOf(provider),
    HttpBody.text(encodeBody(request, provider), "application/json")
  )

const pathOf = (request: CompletionRequest, provider: Provider): string => {
  switch (provider.protocol) {
    case "segmind":
      return `/v1/${request.model}`
    case "segmind-v2":
      return `/v2/${request.model}`
    case "openai":
      return provider.completionsPath ?? "/v1/chat/completions"
  }
}

const headers = new WeakMap<Provider, Headers.Headers>()

/** The same for every call of a provider, so made once. */
const headersOf = (provider: Provider): Headers.Headers => {
  const known = headers.get(provider)
  if (known !== undefined) return known
  const key = Redacted.value(provider.apiKey)
  const keyHeader = provider.protocol === "openai" ? (provider.keyHeader ?? "authorization") : "x-api-key"
  const made = Headers.fromInput({
    accept: "application/json",
    "content-type": "application/json",
    [keyHeader]: keyHeader === "authorization" ? `Bearer ${key}` : key
  })
  headers.set(provider, made)
  return made
}

const encodeBody = (request: CompletionRequest, provider: Provider): string => {
  const settings = JSON.stringify({
    ...(provider.protocol === "openai" ? { model: request.model } : {}),
    ...(request.reasoningEffort === undefined ? {} : { reasoning_effort: request.reasoningEffort }),
    [provider.capField ?? "max_completion_tokens"]: request.maxCompletionTokens,
    ...(request.seed === undefined ? {} : { seed: request.seed }),
    ...(request.json === true ? { response_format: { type: "json_object" } } : {})
  })
  return `{"messages":${messagesText(request.messages)},${settings.slice(1)}`
}
