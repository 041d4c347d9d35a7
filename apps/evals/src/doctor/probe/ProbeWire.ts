import { Context, Effect, Layer } from "effect"
import { HttpClient, HttpClientRequest } from "effect/http"

/** An exchange as it was on the wire. Headers of the request are left out, since the key is one of them. */
export interface Exchange {
  readonly path: string
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  /** At most the first 2,000 characters. */
  readonly body: string
}

/** Sees what no completion tells, and says what no request of ours would. */
export class ProbeWire extends Context.Service<
  ProbeWire,
  {
    /** The last exchange whose path ends so; undefined before there was one. */
    last(path: string): Effect.Effect<Exchange | undefined>
    /** Adds fields to the body of each call that `effect` makes. */
    adding<A, E, R>(fields: Readonly<Record<string, unknown>>, effect: Effect.Effect<A, E, R>): Effect.Effect<A, E, R>
  }
>()("assay/ProbeWire") {}

/** The network with a wire tap. Every call still goes through the ledger, with its bound, like any other. */
export const layerProbeWire: Layer.Layer<ProbeWire | HttpClient.HttpClient, never, HttpClient.HttpClient> =
  Layer.effectContext(
    Effect.gen(function* () {
      const http = yield* HttpClient.HttpClient
      const exchanges: Array<Exchange> = []
      let added: Readonly<Record<string, unknown>> = {}

      const tapped = HttpClient.transform(
        HttpClient.mapRequest(http, (request) => withFields(request, added)),
        (exchange, request) =>
          Effect.tap(exchange, (response) =>
            Effect.map(response.text, (body) => {
              const path = new URL(request.url).pathname
              exchanges.push({ path, status: response.status, headers: response.headers, body: body.slice(0, 2000) })
            })
          )
      )
      const wire = ProbeWire.of({
        last: (path) => Effect.sync(() => exchanges.findLast((exchange) => exchange.path.endsWith(path))),
        adding: (fields, effect) =>
          Effect.acquireUseRelease(
            Effect.sync(() => {
              added = fields
            }),
            () => effect,
            () =>
              Effect.sync(() => {
                added = {}
              })
          )
      })
      return Context.make(ProbeWire, wire).pipe(Context.add(HttpClient.HttpClient, tapped))
    })
  )

const withFields = (
  request: HttpClientRequest.HttpClientRequest,
  fields: Readonly<Record<string, unknown>>
): HttpClientRequest.HttpClientRequest => {
  const { body } = request
  if (body._tag !== "Uint8Array" || Object.keys(fields).length === 0) return request
  const sent = JSON.parse(new TextDecoder().decode(body.body)) as Readonly<Record<string, unknown>>
  return HttpClientRequest.bodyText(request, JSON.stringify({ ...sent, ...fields }), "application/json")
}
