import { Effect, Result } from "effect"
import { HttpClient, HttpClientError } from "effect/http"
import { type Dispatcher, errors } from "undici"
import { encodeBody } from "../../src/internal/transport/encodeBody.ts"
import { ReceivedResponse } from "../../src/internal/transport/ReceivedResponse.ts"
import { TransportFailure } from "../../src/internal/transport/TransportFailure.ts"

/** The loser: undici's `request` with an abort signal. It has only the code of an error to tell sent from not sent. */
export const undiciRequestClient = (dispatcher: Dispatcher): HttpClient.HttpClient =>
  HttpClient.make((request, url, signal) => {
    const body = encodeBody(request)
    if (Result.isFailure(body)) return Effect.fail(body.failure)
    return Effect.tryPromise({
      try: () =>
        dispatcher.request({
          origin: url.origin,
          path: url.pathname + url.search,
          method: request.method,
          headers: request.headers,
          body: body.success,
          signal,
          headersTimeout: 0,
          bodyTimeout: 0
        }),
      catch: (cause) => {
        const failure = new TransportFailure({ sent: guess(cause), cause })
        return new HttpClientError.HttpClientError({
          reason: new HttpClientError.TransportError({ request, cause: failure })
        })
      }
    }).pipe(
      Effect.map(({ statusCode, headers, body }) => {
        const response = new ReceivedResponse({
          request,
          url: url.href,
          status: statusCode,
          headers,
          abort: () => body.destroy()
        })
        body
          .on("data", (chunk: Buffer) => response.push(chunk))
          .on("end", () => response.end())
          .on("error", (cause) => response.fail(cause))
        return response
      })
    )
  })

const neverSent = new Set(["ECONNREFUSED", "ENOTFOUND", "EAI_AGAIN"])

const guess = (cause: unknown) =>
  cause instanceof errors.ConnectTimeoutError ||
  (cause instanceof Error && "code" in cause && neverSent.has(String(cause.code)))
    ? "no"
    : "maybe"
