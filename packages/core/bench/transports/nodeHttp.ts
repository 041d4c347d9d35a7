import { type Agent, type ClientRequest, request as httpRequest } from "node:http"
import type { Socket } from "node:net"
import { Effect, Result } from "effect"
import { HttpClient, HttpClientError } from "effect/http"
import { encodeBody } from "../../src/internal/transport/encodeBody.ts"
import { ReceivedResponse } from "../../src/internal/transport/ReceivedResponse.ts"
import { TransportFailure } from "../../src/internal/transport/TransportFailure.ts"

/** The loser: `node:http` with a keep-alive agent (http only, enough for the bench). Sent = it had a connected socket. */
export const nodeHttpClient = (agent: Agent): HttpClient.HttpClient =>
  HttpClient.make((request, url) => {
    const body = encodeBody(request)
    if (Result.isFailure(body)) return Effect.fail(body.failure)
    return Effect.callback((resume) => {
      let connected = false
      let response: ReceivedResponse | undefined
      const client: ClientRequest = httpRequest({
        agent,
        host: url.hostname,
        port: url.port,
        path: url.pathname + url.search,
        method: request.method,
        headers: { ...request.headers }
      })
      client.on("socket", (socket: Socket) => {
        if (!socket.connecting) connected = true
        else
          socket.once("connect", () => {
            connected = true
          })
      })
      const fail = (cause: Error) => {
        if (response !== undefined) return response.fail(cause)
        const failure = new TransportFailure({ sent: connected ? "maybe" : "no", cause })
        const reason = new HttpClientError.TransportError({ request, cause: failure })
        resume(Effect.fail(new HttpClientError.HttpClientError({ reason })))
      }
      client.on("error", fail)
      client.on("response", (message) => {
        const received = new ReceivedResponse({
          request,
          url: url.href,
          status: message.statusCode ?? 0,
          headers: message.headers,
          abort: () => client.destroy()
        })
        response = received
        message
          .on("data", (chunk: Buffer) => received.push(chunk))
          .on("end", () => received.end())
          .on("error", fail)
        resume(Effect.succeed(received))
      })
      client.end(body.success ?? undefined)
      return Effect.sync(() => client.destroy())
    })
  })
