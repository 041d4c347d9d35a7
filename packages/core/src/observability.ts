import { Effect, Layer } from "effect"
import type { HttpClient, HttpRouter } from "effect/http"
import { Otlp, type OtlpExporter, PrometheusMetrics } from "effect/observability"
import { LedgerJournal } from "./LedgerJournal.ts"
import { ModelClient } from "./ModelClient.ts"
import { type ObservedOptions, observedClient } from "./observability/observedClient.ts"
import { observedJournal } from "./observability/observedJournal.ts"

export type { ObservedOptions } from "./observability/observedClient.ts"

/**
 * Decorates the `ModelClient` it is given: one span `chat <model>` a call, named and attributed after OpenTelemetry's gen_ai
 * conventions, and the histograms `gen_ai.client.operation.duration` and `gen_ai.client.token.usage`. Without this
 * layer core records none of these, and pays nothing for them.
 *
 * Give it the client's own `providers`, which it names on every span. Attributes hold no prompt, no output and no key;
 * `recordContent` adds prompt and output, with keys masked.
 */
export const layerModelClientObserved = (options: ObservedOptions): Layer.Layer<ModelClient, never, ModelClient> =>
  Layer.effect(
    ModelClient,
    Effect.map(ModelClient, (client) => observedClient(client, options))
  )

/**
 * Decorates the `LedgerJournal` it is given with counters of every attempt by class, of retries, and of the pico-credits that
 * were settled and held. It counts what this process does: a hold that a person frees later, or another process's
 * spend, is in the journal's `totals`, not here.
 */
export const layerLedgerJournalObserved: Layer.Layer<LedgerJournal, never, LedgerJournal> = Layer.effect(
  LedgerJournal,
  Effect.map(LedgerJournal, observedJournal)
)

/** Where traces, metrics and logs go. */
export interface OtlpOptions {
  /** The collector, as `http://127.0.0.1:4318`; `/v1/traces`, `/v1/metrics` and `/v1/logs` are added. */
  readonly baseUrl: string
  /** `assay` by default. */
  readonly serviceName?: string
  readonly serviceVersion?: string
  /** Sent with every export, as a collector's own key. */
  readonly headers?: Readonly<Record<string, string>>
}

/**
 * Sends traces, metrics and logs to an OpenTelemetry collector as JSON, without an OpenTelemetry SDK. What is left goes
 * out when the layer's scope closes, so let the program end by itself: a collector that is down costs no call, and some
 * seconds at that end.
 */
export const layerOtlp = ({
  baseUrl,
  headers,
  serviceName = "assay",
  serviceVersion
}: OtlpOptions): Layer.Layer<OtlpExporter.Flusher, never, HttpClient.HttpClient> =>
  Otlp.layerJson({ baseUrl, headers, resource: { serviceName, serviceVersion } })

/** All metrics of this process in Prometheus' text format, for a program with a server of its own. */
export const prometheusText: Effect.Effect<string> = PrometheusMetrics.format()

/** Serves `prometheusText` at `path` of the program's `HttpRouter`; `/metrics` by default. */
export const layerPrometheus = (
  options: { readonly path?: `/${string}` } = {}
): Layer.Layer<never, never, HttpRouter.HttpRouter> => PrometheusMetrics.layerHttp(options)
