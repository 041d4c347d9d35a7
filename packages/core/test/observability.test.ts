import { inspect } from "node:util"
import { assert, describe, it } from "@effect/vitest"
import { Cause, Effect, Exit, Fiber, Layer, Metric, Redacted, Tracer } from "effect"
import { HttpClient, HttpClientResponse, HttpRouter } from "effect/http"
import { TestClock } from "effect/testing"
import {
  type CompletionRequest,
  Ledger,
  LedgerJournal,
  layerLedgerJournalMemory,
  ModelClient,
  openAiCompatible,
  type Provider,
  simulator
} from "../src/index.ts"
import {
  layerLedgerJournalObserved,
  layerModelClientObserved,
  layerOtlp,
  layerPrometheus,
  prometheusText
} from "../src/observability.ts"
import {
  answer,
  delayed,
  HttpScript,
  json,
  layerHttpScripted,
  layerModelClientScripted,
  neverEnding,
  type Script,
  text
} from "../src/testing.ts"
import { request, secret } from "./support/requests.ts"

const played = simulator(Redacted.make(secret), "http://provider.invalid:8080")
const providers: readonly [Provider, ...ReadonlyArray<Provider>] = [played]
const complete = (asked: CompletionRequest = request) => Effect.flatMap(ModelClient, (client) => client.complete(asked))

/** The client over a script and its observer; spans and metrics are the test's own. */
const observed = (
  script: Script,
  options: { readonly recordContent?: boolean } = {},
  clientOptions: { readonly recall?: boolean } = {}
) =>
  layerModelClientObserved({ providers, ...options }).pipe(
    Layer.provideMerge(ModelClient.layer({ providers, ...clientOptions })),
    Layer.provideMerge(Ledger.layer({ budget: "test", limit: 1_000_000_000_000_000n })),
    Layer.provideMerge(layerLedgerJournalObserved.pipe(Layer.provide(layerLedgerJournalMemory))),
    Layer.provideMerge(layerHttpScripted(script))
  )

const recording = () => {
  const spans: Array<Tracer.NativeSpan> = []
  const tracer = Tracer.make({
    span: (options) => {
      const span = new Tracer.NativeSpan(options)
      spans.push(span)
      return span
    }
  })
  const chat = () => spans.filter(({ name }) => name.startsWith("chat "))
  const record = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
    effect.pipe(Effect.provideService(Tracer.Tracer, tracer), Effect.provideService(Metric.MetricRegistry, new Map()))
  return { spans, chat, record }
}

/** The series of one metric, without the unit that each of them carries. */
const series = (id: string) =>
  Effect.map(Metric.snapshot, (snapshot) =>
    snapshot
      .filter((metric) => metric.id === id)
      .map(({ attributes = {}, state }) => {
        const { unit: _, ...rest } = attributes
        return { attributes: rest, state }
      })
  )

const target = {
  "gen_ai.operation.name": "chat",
  "gen_ai.provider.name": "simulator",
  "gen_ai.request.model": "o3-mini",
  "server.address": "provider.invalid"
}

describe("the span of a call", () => {
  it.effect("carries the gen_ai attributes, and the exact credits as text", () => {
    const { chat, record } = recording()
    return Effect.gen(function* () {
      yield* complete({ ...request, seed: 7, reasoningEffort: "low", json: true, trialIndex: 2, kind: "judge" })
      const [span] = chat()
      assert.strictEqual(span?.name, "chat o3-mini")
      assert.strictEqual(span?.kind, "client")
      const { "assay.attempt.id": attemptId, ...attributes } = Object.fromEntries(span?.attributes ?? [])
      assert.isString(attemptId)
      assert.deepStrictEqual(attributes, {
        ...target,
        "server.port": 8080,
        "gen_ai.output.type": "json",
        "gen_ai.request.max_tokens": 1000,
        "gen_ai.request.seed": 7,
        "gen_ai.response.model": "o3-mini-2025-01-31",
        "gen_ai.response.finish_reasons": ["length"],
        "gen_ai.usage.input_tokens": 35,
        "gen_ai.usage.output_tokens": 310,
        "gen_ai.usage.cache_read.input_tokens": 0,
        "gen_ai.usage.reasoning.output_tokens": 256,
        "assay.attempt.kind": "judge",
        "assay.trial.index": 2,
        "assay.request.reasoning_effort": "low",
        "assay.request.id": "request-1",
        "assay.provider.simulated": true,
        "assay.credits.charged": "0.001389579999",
        "assay.credits.source": "header",
        "assay.credits.held": "0",
        "assay.credits.remaining": "8.5",
        "assay.attempts": 1
      })
    }).pipe(
      Effect.provide(
        observed([
          answer({ cost: "0.001389579999", finishReason: "length", headers: { "x-remaining-credits": "8.5" } })
        ])
      ),
      record
    )
  })

  it.effect("is the parent of what the client opens, and outlasts its retries", () => {
    const { spans, chat, record } = recording()
    return Effect.gen(function* () {
      const call = yield* Effect.forkChild(complete())
      yield* TestClock.adjust("1 minute")
      yield* Fiber.join(call)
      const inner = spans.find(({ name }) => name === "ModelClient.complete")
      const [span] = chat()
      assert.strictEqual(inner?.parent._tag === "Some" ? inner.parent.value.spanId : undefined, span?.spanId)
      assert.strictEqual(span?.attributes.get("assay.attempts"), 2)
      const status = span?.status
      assert.isTrue(status?._tag === "Ended" && status.endTime - status.startTime >= 5_000_000_000n)
    }).pipe(Effect.provide(observed([json(429, { error: "slow" }, { "retry-after": "5" }), answer()])), record)
  })

  it.effect("charges nothing, and uses no token, for a reply that had been bought already", () => {
    const { chat, record } = recording()
    return Effect.gen(function* () {
      yield* complete()
      yield* complete()
      const [first, second] = chat().map(({ attributes }) => attributes)
      assert.strictEqual(first?.get("assay.credits.charged"), "0.001")
      assert.strictEqual(second?.get("assay.credits.charged"), "0")
      assert.strictEqual(second?.get("assay.attempts"), 0)
      assert.isFalse(second?.has("gen_ai.usage.input_tokens"))
      const [tokens] = yield* series("gen_ai.client.token.usage")
      assert.deepInclude(tokens?.state, { count: 1 })
    }).pipe(Effect.provide(observed([answer()], {}, { recall: true })), record)
  })

  it.effect("names the error, and what it cost", () => {
    const { chat, record } = recording()
    return Effect.gen(function* () {
      yield* Effect.exit(complete())
      yield* Effect.exit(complete({ ...request, trialIndex: 1 }))
      const lost = yield* Effect.forkChild(Effect.exit(complete({ ...request, trialIndex: 2 })))
      yield* TestClock.adjust("1 hour")
      yield* Fiber.join(lost)
      yield* Effect.exit(complete({ ...request, provider: "nobody" }))
      const [refused, unreadable, doubtful, unknown] = chat().map(({ attributes }) => attributes)
      assert.strictEqual(refused?.get("error.type"), "RequestRejected")
      assert.strictEqual(refused?.get("http.response.status_code"), 400)
      assert.strictEqual(unreadable?.get("error.type"), "UnexpectedReply")
      assert.strictEqual(unreadable?.get("assay.credits.charged"), "0.004")
      assert.strictEqual(doubtful?.get("error.type"), "CallInDoubt")
      assert.notStrictEqual(doubtful?.get("assay.credits.held"), "0")
      assert.strictEqual(unknown?.get("gen_ai.provider.name"), "nobody")
      assert.isFalse(unknown?.has("http.response.status_code"))
      assert.isTrue(chat().every(({ status }) => status._tag === "Ended" && Exit.isFailure(status.exit)))
    }).pipe(
      Effect.provide(observed([json(400, { error: "bad" }), text(200, "{", { "x-cost": "0.004" }), neverEnding])),
      record
    )
  })

  it.effect("tells an interruption", () => {
    const { chat, record } = recording()
    return Effect.gen(function* () {
      const call = yield* Effect.forkChild(complete(), { startImmediately: true })
      yield* TestClock.adjust("1 second")
      yield* Fiber.interrupt(call)
      assert.strictEqual(chat()[0]?.attributes.get("error.type"), "interrupted")
    }).pipe(Effect.provide(observed([neverEnding])), record)
  })
})

describe("without the observer", () => {
  it.effect("there is no such span and no metric", () => {
    const { chat, record } = recording()
    return Effect.gen(function* () {
      yield* complete()
      assert.lengthOf(chat(), 0)
      assert.lengthOf(
        (yield* Metric.snapshot).filter(({ id }) => /^(gen_ai|assay)\./.test(id)),
        0
      )
    }).pipe(Effect.provide(layerModelClientScripted([answer()])), record)
  })
})

describe("metrics", () => {
  it.effect("count tokens, and the seconds of a call with its retries", () => {
    const { record } = recording()
    return Effect.gen(function* () {
      const call = yield* Effect.forkChild(complete())
      yield* TestClock.adjust("1 minute")
      yield* Fiber.join(call)
      yield* Effect.exit(complete())
      const durations = yield* series("gen_ai.client.operation.duration")
      assert.deepStrictEqual(
        durations.map(({ attributes }) => attributes),
        [
          { ...target, "gen_ai.response.model": "o3-mini-2025-01-31" },
          { ...target, "error.type": "RequestRejected" }
        ]
      )
      assert.deepInclude(durations[0]?.state, { count: 1, sum: 3 })
      const tokens = yield* series("gen_ai.client.token.usage")
      assert.deepStrictEqual(
        tokens.map(({ attributes, state }) => [
          attributes["gen_ai.token.type"],
          "sum" in state ? state.sum : undefined
        ]),
        [
          ["input", 35],
          ["output", 310]
        ]
      )
    }).pipe(Effect.provide(observed([delayed("3 seconds", answer()), json(400, { error: "bad" })])), record)
  })

  it.effect("add up what was charged and held to the last pico-credit, and attempts by class", () => {
    const { record } = recording()
    return Effect.gen(function* () {
      for (const trialIndex of [0, 1, 2, 3]) {
        const call = yield* Effect.forkChild(Effect.exit(complete({ ...request, trialIndex })))
        yield* TestClock.adjust("1 hour")
        yield* Fiber.join(call)
      }
      const { settled, held, reserved } = yield* Effect.flatMap(Ledger, (ledger) => ledger.totals)
      assert.strictEqual(reserved, 0n)
      const sumOf = (id: string) =>
        Effect.map(series(id), (found) =>
          found.reduce((sum, { state }) => sum + ("count" in state ? BigInt(state.count) : 0n), 0n)
        )
      assert.strictEqual(settled, 5_000_000_002n)
      assert.strictEqual(yield* sumOf("assay.credits.settled"), settled)
      assert.isTrue(held > 0n)
      assert.strictEqual(yield* sumOf("assay.credits.held"), held)
      const byClass = (id: string) =>
        Effect.map(series(id), (found) =>
          Object.fromEntries(
            found.map(({ attributes, state }) => [
              attributes["assay.attempt.class"],
              "count" in state ? state.count : undefined
            ])
          )
        )
      assert.deepStrictEqual(yield* byClass("assay.attempts"), {
        Throttled: 2,
        Answered: 2,
        BilledUseless: 1,
        Ambiguous: 1
      })
      assert.deepStrictEqual(yield* byClass("assay.retries"), { Throttled: 1, Answered: 1 })
    }).pipe(
      Effect.provide(
        observed([
          json(429, { error: "slow" }),
          json(429, { error: "slow" }),
          answer({ cost: "0.001000000001" }),
          answer({ cost: "0.001000000001" }),
          text(200, "{", { "x-cost": "0.003" }),
          neverEnding
        ])
      ),
      record
    )
  })

  it.effect("count an end once, however often it is written", () => {
    const { record } = recording()
    return Effect.gen(function* () {
      const journal = yield* LedgerJournal
      yield* journal.open("test", 10n)
      const attempt = { attemptId: "a", budget: "test", key: "k", kind: "answer", provider: "p", model: "m" } as const
      yield* journal.admit([{ ...attempt, bound: 7n, at: 0 }])
      const end = {
        attemptId: "a",
        budget: "test",
        number: 1,
        class: "Ambiguous",
        sentAt: 0,
        latencyMillis: 0
      } as const
      const lost = { ...end, status: undefined, requestId: undefined, reason: undefined }
      yield* journal.hold(lost)
      yield* journal.hold(lost)
      yield* journal.hold({ ...lost, attemptId: "another process's" })
      const found = yield* series("assay.credits.held")
      assert.deepStrictEqual(
        found.map(({ state }) => ("count" in state ? state.count : undefined)),
        [7n]
      )
      const [attempts] = yield* series("assay.attempts")
      assert.deepInclude(attempts?.state, { count: 1 })
    }).pipe(Effect.provide(layerLedgerJournalObserved.pipe(Layer.provide(layerLedgerJournalMemory))), record)
  })

  it.effect("are served as Prometheus text", () => {
    const { record } = recording()
    return Effect.gen(function* () {
      yield* complete()
      const body = yield* prometheusText
      assert.include(body, "# TYPE gen_ai_client_operation_duration histogram")
      assert.match(body, /^assay_credits_settled\{[^}]*gen_ai_request_model="o3-mini"[^}]*\} 1000000000$/m)
      assert.notInclude(body, secret)
      const registry = yield* Metric.MetricRegistry
      const { handler, dispose } = HttpRouter.toWebHandler(
        Layer.provideMerge(layerPrometheus({ path: "/numbers" }), Layer.succeed(Metric.MetricRegistry, registry)),
        { disableLogger: true }
      )
      const served = yield* Effect.promise(() =>
        handler(new Request("http://127.0.0.1/numbers")).then((response) => response.text())
      )
      yield* Effect.promise(dispose)
      assert.include(served, "assay_credits_settled")
    }).pipe(Effect.provide(observed([answer()])), record)
  })
})

describe("what leaves the process", () => {
  const spoken = "a prompt that nobody else shall read"
  const asked: CompletionRequest = {
    ...request,
    messages: [{ role: "user", content: `${spoken}; my key is ${secret}` }]
  }

  /** Runs `effect` under the OTLP layer and gives all that its collector was posted, by path. */
  const exportedBy = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
    Effect.suspend(() => {
      const posted: Array<{ readonly path: string; readonly body: string }> = []
      const collector = HttpClient.make((sent, url) =>
        Effect.sync(() => {
          const body = sent.body._tag === "Uint8Array" ? Buffer.from(sent.body.body).toString() : ""
          posted.push({ path: url.pathname, body })
          return HttpClientResponse.fromWeb(sent, new Response("{}", { status: 200 }))
        })
      )
      const otlp = layerOtlp({ baseUrl: "http://collector.invalid", serviceVersion: "1.2.3" }).pipe(
        Layer.provide(Layer.succeed(HttpClient.HttpClient, collector))
      )
      return effect.pipe(
        Effect.exit,
        Effect.provide(otlp),
        Effect.provideService(Metric.MetricRegistry, new Map()),
        Effect.as(posted)
      )
    })

  it.effect("goes to the collector as traces, metrics and logs", () =>
    Effect.gen(function* () {
      const posted = yield* exportedBy(
        Effect.andThen(complete(asked), Effect.log("done")).pipe(Effect.provide(observed([answer()])))
      )
      const bodyOf = (path: string) => posted.find((post) => post.path === path)?.body ?? assert.fail(`no ${path}`)
      const traces = bodyOf("/v1/traces")
      assert.include(traces, '"chat o3-mini"')
      assert.include(traces, '"gen_ai.usage.output_tokens"')
      assert.include(traces, '"1.2.3"')
      const metrics = bodyOf("/v1/metrics")
      assert.include(metrics, '"gen_ai.client.operation.duration"')
      assert.include(metrics, '"assay.credits.settled"')
      assert.include(metrics, '"{pico_credit}"')
      assert.include(bodyOf("/v1/logs"), "done")
    })
  )

  it.effect("holds no key, and neither prompt nor output unless that was asked for", () =>
    Effect.gen(function* () {
      const answered = answer({ content: "an output that nobody else shall read" })
      const echoing = json(400, { error: `the key ${secret} is odd` })
      const allOf = (recordContent: boolean) =>
        exportedBy(
          Effect.all([complete(asked), Effect.exit(complete(asked)), Effect.logInfo("asked")]).pipe(
            Effect.provide(observed([answered, echoing], { recordContent }))
          )
        ).pipe(Effect.map((posted) => posted.map(({ body }) => body).join("\n")))
      const quiet = yield* allOf(false)
      assert.include(quiet, "RequestRejected")
      for (const hidden of [spoken, "an output that nobody", secret]) assert.notInclude(quiet, hidden)

      const open = yield* allOf(true)
      for (const shown of [spoken, "an output that nobody"]) assert.include(open, shown)
      assert.notInclude(open, secret)

      // The control: a key that somebody puts on a span is found by this search.
      const leaky = yield* exportedBy(Effect.void.pipe(Effect.withSpan("leaky", { attributes: { key: secret } })))
      assert.include(inspect(leaky), secret)
    })
  )

  it.effect("to the provider is no trace", () => {
    const { record } = recording()
    const trace = ["traceparent", "tracestate", "b3", "x-b3-traceid", "baggage"]
    return Effect.gen(function* () {
      yield* Effect.withSpan(complete(), "a run")
      const http = yield* HttpClient.HttpClient
      yield* Effect.withSpan(http.get("http://elsewhere.invalid"), "a run")
      const [own, other] = yield* (yield* HttpScript).requests
      for (const name of trace) assert.notProperty(own?.headers, name)
      // The control: the same network sends it for a caller who does not forbid it.
      assert.property(other?.headers, "traceparent")
    }).pipe(Effect.provide(observed([answer(), answer()])), record)
  })

  it.effect("does not fail a call when the collector is down", () =>
    Effect.gen(function* () {
      const down = HttpClient.make(() => Effect.die(new Error("connection refused")))
      const otlp = layerOtlp({ baseUrl: "http://collector.invalid" }).pipe(
        Layer.provide(Layer.succeed(HttpClient.HttpClient, down))
      )
      const exit = yield* complete().pipe(Effect.provide(Layer.mergeAll(observed([answer()]), otlp)), Effect.exit)
      assert.isTrue(Exit.isSuccess(exit), inspect(Exit.isFailure(exit) ? Cause.pretty(exit.cause) : ""))
    })
  )
})

describe("a provider without a readable base URL", () => {
  it.effect("is observed all the same", () => {
    const { chat, record } = recording()
    const odd = openAiCompatible(Redacted.make("ollama"), "localhost", "local")
    return Effect.gen(function* () {
      yield* Effect.exit(complete())
      assert.strictEqual(chat()[0]?.attributes.get("gen_ai.provider.name"), "local")
      assert.isFalse(chat()[0]?.attributes.has("server.address"))
    }).pipe(
      Effect.provide(
        layerModelClientObserved({ providers: [odd] }).pipe(
          Layer.provide(layerModelClientScripted([answer()], { providers: [odd] }))
        )
      ),
      record
    )
  })
})
