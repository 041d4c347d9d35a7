import { Clock, Context, Effect, Layer } from "effect"
import { HttpClient, type HttpClientRequest } from "effect/http"
import type { Step } from "./httpSteps.ts"

/** A request as the scripted network saw it. */
export interface SentRequest {
  readonly method: string
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  /** The body as text; empty when there is none. */
  readonly body: string
  /** UTC milliseconds of the fiber's clock. */
  readonly at: number
}

/** One step a call, in order; or a function of the request and of how many came before it. */
export type Script = ReadonlyArray<Step> | ((request: SentRequest, index: number) => Step)

/** What a scripted network was asked. */
export class HttpScript extends Context.Service<
  HttpScript,
  {
    /** All requests so far, oldest first; those that the script says were not sent are among them. */
    readonly requests: Effect.Effect<ReadonlyArray<SentRequest>>
  }
>()("core/testing/HttpScript") {}

/**
 * An `HttpClient` that answers from a script, without a network. A request past the end of the script is a
 * defect, which `ModelClient` tells as a call in doubt.
 *
 * It is made as Effect makes its own clients, with client spans and trace headers, so that a test sees what code that
 * forgets about them would send.
 */
export const layerHttpScripted = (script: Script): Layer.Layer<HttpClient.HttpClient | HttpScript> =>
  Layer.effectContext(
    Effect.sync(() => {
      const requests: Array<SentRequest> = []
      const client = HttpClient.make((request) =>
        Effect.flatMap(Clock.currentTimeMillis, (at) => {
          const sent = sentRequest(request, at)
          const index = requests.push(sent) - 1
          const step = typeof script === "function" ? script(sent, index) : script[index]
          return step === undefined
            ? Effect.die(new Error(`the script has ${index} steps and was asked for one more`))
            : step(request)
        })
      )
      return Context.make(HttpClient.HttpClient, client).pipe(
        Context.add(HttpScript, { requests: Effect.sync(() => [...requests]) })
      )
    })
  )

const sentRequest = (request: HttpClientRequest.HttpClientRequest, at: number): SentRequest => ({
  method: request.method,
  url: request.url,
  headers: { ...request.headers },
  body: request.body._tag === "Uint8Array" ? Buffer.from(request.body.body).toString() : "",
  at
})
