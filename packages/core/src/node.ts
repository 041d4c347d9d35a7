import { Effect, Layer } from "effect"
import { HttpClient } from "effect/http"
import { Agent, ProxyAgent } from "undici"
import { dispatchClient } from "./internal/transport/dispatchClient.ts"
import { maxReplyBytes } from "./internal/transport/ReceivedResponse.ts"

export interface TransportOptions {
  /**
   * Most open connections to one host, which is also the most calls in flight. Default: unlimited, since the client
   * already limits its calls, and one that waits here for a connection is using up its timeout.
   */
  readonly connections?: number
  /** Longest wait for TCP and TLS, in milliseconds; default 10,000. What runs into it was not sent. */
  readonly connectTimeout?: number
  /** `http://[user:password@]host:port`; https goes through CONNECT. The environment is not read for it. */
  readonly proxy?: string
}

/** `layer` with other limits, or through a proxy. Keep the result in a constant: every call makes its own connections. */
export const layerWith = ({
  proxy,
  connectTimeout = 10_000,
  ...limits
}: TransportOptions): Layer.Layer<HttpClient.HttpClient> =>
  Layer.effect(
    HttpClient.HttpClient,
    Effect.gen(function* () {
      const options = { ...limits, connectTimeout, pipelining: 1, allowH2: false, maxResponseSize: maxReplyBytes }
      const agent = yield* Effect.acquireRelease(
        Effect.sync(() => (proxy === undefined ? new Agent(options) : new ProxyAgent({ ...options, uri: proxy }))),
        (agent) => Effect.promise(() => agent.destroy())
      )
      return dispatchClient(agent)
    })
  )

/**
 * The network, as an `HttpClient` for Node: HTTP/1.1 over undici with keep-alive, about 0.035 ms of CPU a call.
 *
 * - Sends the headers it is given and `host`, `connection`, `content-length`; no `user-agent`, `accept*`,
 *   `traceparent` or `b3`. Opens no span of its own.
 * - Never sends a request twice and follows no redirect, so a key never reaches a second host.
 * - Fails with `HttpClientError`; the `cause` of a `TransportError` says whether the request may have been sent.
 * - Succeeds when the headers are in; the body is then collected without being asked for, at most 32 MiB, and
 *   unpacked if the server packed it (gzip, deflate, br).
 * - Waits for a reply without limit: give every call a timeout.
 * - Interruption closes the socket; a request still waiting for a connection is never sent.
 * - `HttpClient.withScope` has no effect on it.
 *
 * Closing the layer's scope drops all connections and fails the calls in flight.
 */
export const layer: Layer.Layer<HttpClient.HttpClient> = layerWith({})
