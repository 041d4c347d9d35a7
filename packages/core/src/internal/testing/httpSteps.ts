import { type Duration, Effect } from "effect"
import { HttpClientError, type HttpClientRequest, type HttpClientResponse } from "effect/http"
import { ReceivedResponse } from "../transport/ReceivedResponse.ts"
import { TransportFailure } from "../transport/TransportFailure.ts"
import { type ChatCompletionOptions, chatCompletion } from "./chatCompletion.ts"

/** What happens to one HTTP request of a script. */
export type Step = (
  request: HttpClientRequest.HttpClientRequest
) => Effect.Effect<HttpClientResponse.HttpClientResponse, HttpClientError.HttpClientError>

type ReplyHeaders = Readonly<Record<string, string>>

/** A reply with `body` as it stands. */
export const text =
  (status: number, body: string, headers: ReplyHeaders = {}): Step =>
  (request) =>
    Effect.sync(() => {
      const response = responseTo(request, status, headers)
      response.push(Buffer.from(body))
      response.end()
      return response
    })

/** A reply with `body` as JSON. */
export const json = (status: number, body: unknown, headers: ReplyHeaders = {}): Step =>
  text(status, JSON.stringify(body), { "content-type": "application/json", ...headers })

/** A 200 with a chat completion, which the gateway charges with `cost` (decimal credits, 0.001 by default). */
export const answer = ({
  cost = "0.001",
  headers = {},
  ...completion
}: ChatCompletionOptions & { readonly cost?: string; readonly headers?: ReplyHeaders } = {}): Step =>
  json(200, chatCompletion(completion), { "x-cost": cost, "x-request-id": "request-1", ...headers })

/** Waits on the fiber's clock first, so that a `TestClock` moves it. */
export const delayed =
  (duration: Duration.Input, step: Step): Step =>
  (request) =>
    Effect.delay(
      Effect.suspend(() => step(request)),
      duration
    )

/** No connection: the transport is certain that nothing left. */
export const notSent = (code = "ECONNREFUSED"): Step => failing("no", code)

/** The connection broke after the request was given to it, so the call may have been charged. */
export const maybeSent = (code = "ECONNRESET"): Step => failing("maybe", code)

/** Status and headers arrive, then the connection breaks inside the body. */
export const brokenOff =
  (status = 200, headers: ReplyHeaders = {}): Step =>
  (request) =>
    Effect.sync(() => {
      const response = responseTo(request, status, headers)
      response.push(Buffer.from('{"id":"chatcmpl-1","choi'))
      response.fail(systemError("ECONNRESET"))
      return response
    })

/** The server takes the request and never says a word. */
export const neverEnding: Step = () => Effect.never

const failing =
  (sent: "no" | "maybe", code: string): Step =>
  (request) => {
    const cause = new TransportFailure({ sent, cause: systemError(code) })
    const reason = new HttpClientError.TransportError({ request, description: cause.message, cause })
    return Effect.fail(new HttpClientError.HttpClientError({ reason }))
  }

const systemError = (code: string): Error => Object.assign(new Error(`scripted ${code}`), { code })

const responseTo = (request: HttpClientRequest.HttpClientRequest, status: number, headers: ReplyHeaders) =>
  new ReceivedResponse({ request, url: request.url, status, headers, abort: () => {} })
