import { Clock, Effect, type Fiber, Option, Result } from "effect"
import { HttpClient, HttpClientError, HttpClientRequest, type HttpClientResponse } from "effect/http"
import type { Dispatcher } from "undici"
import { encodeBody } from "./encodeBody.ts"
import { nextTurn } from "./nextTurn.ts"
import { ReceivedResponse } from "./ReceivedResponse.ts"
import { CurrentProgress, type RequestProgress } from "./RequestProgress.ts"
import { type Sent, TransportFailure } from "./TransportFailure.ts"

type Failure = HttpClientError.HttpClientError
type Response = HttpClientResponse.HttpClientResponse
type Resume = (effect: Effect.Effect<Response, Failure>) => void

/**
 * An `HttpClient` over undici's `dispatch`, whose handler is called right before a request is written to a connected
 * socket: that is how `TransportFailure.sent` is known exactly and not guessed from an error code.
 *
 * Built with `makeWith`, not `make`: no client span, so that no `traceparent` or `b3` can leave, and no
 * `AbortController` a request. The price is that `HttpClient.withScope` is not seen; interruption is.
 */
export const dispatchClient = (dispatcher: Dispatcher): HttpClient.HttpClient =>
  HttpClient.makeWith<never, never, Failure, never>(
    Effect.flatMap((request) =>
      Effect.withFiber((fiber) => {
        const target = targetOf(request)
        if (target === undefined) return Effect.fail(invalidUrl(request))
        const body = encodeBody(request)
        if (Result.isFailure(body)) return Effect.fail(body.failure)
        const options = {
          ...target,
          method: request.method,
          headers: request.headers,
          body: body.success,
          ...noTimeouts
        }
        return Effect.callback<Response, Failure>((resume) => {
          const exchange = new Exchange(request, target, fiber, resume)
          dispatcher.dispatch(options, exchange)
          return Effect.sync(() => exchange.abort())
        })
      })
    ),
    Effect.succeed
  )

// Undici gives up after 300 s by default; how long to wait is for the caller of the client to say.
const noTimeouts = { headersTimeout: 0, bodyTimeout: 0 }

/** One request and its reply, as undici tells it. Undici calls `onResponseError` at most once, and nothing after it. */
class Exchange implements Dispatcher.DispatchHandler {
  readonly #request: HttpClientRequest.HttpClientRequest
  readonly #target: Target
  readonly #fiber: Fiber.Fiber<unknown, unknown>
  readonly #progress: RequestProgress | undefined
  readonly #resume: Resume
  #controller: Dispatcher.DispatchController | undefined
  #response: ReceivedResponse | undefined
  #aborted = false

  constructor(
    request: HttpClientRequest.HttpClientRequest,
    target: Target,
    fiber: Fiber.Fiber<unknown, unknown>,
    resume: Resume
  ) {
    this.#request = request
    this.#target = target
    this.#fiber = fiber
    this.#progress = fiber.getRef(CurrentProgress)
    if (this.#progress !== undefined) this.#progress.tracked = true
    this.#resume = resume
  }

  /** Closes the socket; a request that still waits for one is dropped when its turn comes, before a byte is written. */
  abort(): void {
    this.#aborted = true
    this.#controller?.abort(interrupted)
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    // A second start would send a request again whose first copy may be charged. With one request a connection undici
    // never does it; this line keeps it so.
    if (this.#controller !== undefined) controller.abort(sentTwice)
    else if (this.#aborted) controller.abort(interrupted)
    else {
      this.#controller = controller
      if (this.#progress !== undefined) this.#progress.sentAt = this.#now()
    }
  }

  onResponseStarted(): void {
    if (this.#progress !== undefined) this.#progress.firstByteAt ??= this.#now()
  }

  onResponseStart(
    _controller: Dispatcher.DispatchController,
    status: number,
    headers: Record<string, string | Array<string> | undefined>
  ): void {
    // 100 Continue, 103 Early Hints: the reply is yet to come.
    if (status < 200) return
    const response = new ReceivedResponse({
      request: this.#request,
      url: this.#target.origin + this.#target.path,
      status,
      headers,
      abort: () => this.abort()
    })
    this.#response = response
    nextTurn(() => this.#resume(Effect.succeed(response)))
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#response?.push(chunk)
  }

  onResponseEnd(): void {
    this.#response?.end()
  }

  onResponseError(_controller: Dispatcher.DispatchController, cause: Error): void {
    if (this.#response !== undefined) this.#response.fail(cause)
    else
      this.#resume(Effect.fail(transportError(this.#request, this.#controller === undefined ? "no" : "maybe", cause)))
  }

  #now(): bigint {
    return this.#fiber.getRef(Clock.Clock).currentTimeNanosUnsafe()
  }
}

const transportError = (request: HttpClientRequest.HttpClientRequest, sent: Sent, cause: unknown): Failure => {
  const failure = new TransportFailure({ sent, cause })
  return new HttpClientError.HttpClientError({
    reason: new HttpClientError.TransportError({ request, description: failure.message, cause: failure })
  })
}

const interrupted = new Error("the caller was interrupted")
const sentTwice = new Error("refused to send a request a second time")

interface Target {
  readonly origin: string
  readonly path: string
}

const targetOf = (request: HttpClientRequest.HttpClientRequest): Target | undefined => {
  const url = Option.getOrUndefined(HttpClientRequest.toUrl(request))
  return url === undefined ? undefined : { origin: url.origin, path: url.pathname + url.search }
}

const invalidUrl = (request: HttpClientRequest.HttpClientRequest): Failure => {
  const cause = new TransportFailure({ sent: "no", cause: new TypeError("the URL cannot be parsed") })
  return new HttpClientError.HttpClientError({ reason: new HttpClientError.InvalidUrlError({ request, cause }) })
}
