import { Effect, Predicate, Redacted } from "effect"
import { HttpClient, HttpClientRequest } from "effect/http"
import { parseCredits } from "./Credits.ts"
import { readError } from "./internal/decodeReply.ts"
import { maskKey } from "./internal/HttpReply.ts"
import { parseDigits } from "./internal/readStatedAmounts.ts"
import { ProviderFailed, ProviderUnreachable, Unauthorized } from "./ModelError.ts"
import type { Provider } from "./Provider.ts"

/**
 * What a Segmind account has left, in pico-credits: bought and free credits together, read exactly from the digits of
 * `GET /v1/get-user-credits`. The request is free and safe to repeat. A balance is an observation: other calls move it.
 */
export const accountBalance = Effect.fn("accountBalance")(function* (provider: Provider) {
  const http = yield* HttpClient.HttpClient
  const request = HttpClientRequest.get(`${provider.baseUrl}/v1/get-user-credits`).pipe(
    HttpClientRequest.setHeader("x-api-key", Redacted.value(provider.apiKey))
  )
  const { body, status } = yield* http.execute(request).pipe(
    Effect.flatMap((response) => Effect.map(response.text, (body) => ({ status: response.status, body }))),
    Effect.timeout("10 seconds"),
    // Most clients of Effect send `traceparent` and `b3` unless they are told not to.
    Effect.provideService(HttpClient.TracerPropagationEnabled, false),
    Effect.mapError((error) => new ProviderUnreachable({ provider: provider.name, attempts: 1, reason: error.message }))
  )
  const balance = status === 200 ? readBalance(body) : undefined
  if (balance !== undefined) return balance
  if (status === 401) {
    return yield* new Unauthorized({ provider: provider.name, reason: readError(maskKey(body, provider)) })
  }
  const reason = status === 200 ? "the balance cannot be read" : "it did not tell the balance"
  return yield* new ProviderFailed({ provider: provider.name, status, attempts: 1, reason })
})

/** The digits as they stand in the JSON: a number of JavaScript would lose some. */
const readBalance = (body: string): bigint | undefined => {
  const fields = parseDigits(body)
  if (!Predicate.hasProperty(fields, "credits") || !Predicate.isString(fields.credits)) return undefined
  const free = Predicate.hasProperty(fields, "free-credits") ? fields["free-credits"] : "0"
  const amounts = [fields.credits, Predicate.isString(free) ? free : "0"].map((text) => parseCredits(text, "down"))
  return amounts.reduce((sum, amount) => (sum === undefined || amount === undefined ? undefined : sum + amount), 0n)
}
