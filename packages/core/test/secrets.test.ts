import { inspect } from "node:util"
import { assert, describe, it } from "@effect/vitest"
import { Cause, Effect, Exit, Fiber, Logger, Redacted, Tracer } from "effect"
import { HttpClient } from "effect/http"
import { TestClock } from "effect/testing"
import { completionKey, LedgerJournal, ModelClient, type Provider } from "../src/index.ts"
import {
  brokenOff,
  delayed,
  HttpScript,
  json,
  layerModelClientScripted,
  maybeSent,
  neverEnding,
  notSent,
  type Step,
  text
} from "../src/testing.ts"
import { compatible, gateway, request, secret } from "./support/requests.ts"

/** A key without a prefix that gives it away, as a company's own gateway may hand out. */
const plainSecret = "correct-horse-battery-staple"

const steps = (key: string): ReadonlyArray<readonly [string, Step]> => [
  ["401 that echoes it", json(401, { error: `The key ${key} is invalid` })],
  ["401 that echoes it in a key=… phrase", json(401, { error: { message: `x-api-key:${key}, authorization=${key}` } })],
  ["402 in HTML", text(402, `<p>${key}</p>`)],
  ["406", json(406, { error: `Not enough credits for ${key}` })],
  ["404", json(404, { detail: key })],
  ["410", json(410, { error: key })],
  ["429", json(429, { error: key })],
  ["500", json(500, { error: key })],
  ["502", text(502, `${"x".repeat(290)}${key}`)],
  ["billed garbage", text(200, `{"debug":"${key}"`, { "x-cost": "0.001", "x-debug": key })],
  ["billed error", json(200, { error: { message: key } }, { "x-cost": "0.001" })],
  ["unbilled garbage", text(200, key)],
  ["refused connection", notSent(`ECONNREFUSED ${key}`)],
  ["lost connection", maybeSent(`ECONNRESET ${key}`)],
  ["broken reply", brokenOff(200, { "x-debug": key })],
  ["defect of the client", () => Effect.die(new Error(`cannot set header x-api-key: ${key}`))],
  ["time-out", neverEnding],
  ["late time-out", delayed("1 minute", neverEnding)]
]

const providers: ReadonlyArray<readonly [string, Provider, string]> = [
  ["Segmind's", gateway, secret],
  ["a bearer", compatible, secret],
  ["an unmarked", { ...gateway, apiKey: Redacted.make(plainSecret) }, plainSecret]
]

describe.each(providers)("%s API key", (_, provider, key) => {
  it.effect.each(steps(key))("does not leak through a %s", ([, step]) => {
    const seen: Array<string> = []
    const spans: Array<Tracer.Span> = []
    const tracer = Tracer.make({
      span: (options) => {
        const span = new Tracer.NativeSpan(options)
        spans.push(span)
        return span
      }
    })
    const logger = Logger.make((options) => void seen.push(inspect(options.message), Cause.pretty(options.cause)))
    return Effect.gen(function* () {
      const client = yield* ModelClient
      const call = yield* Effect.forkChild(
        client.complete(request).pipe(
          Effect.tapCause((cause) => Effect.logError("a call failed", cause)),
          Effect.withSpan("a run"),
          Effect.exit
        )
      )
      yield* TestClock.adjust("1 hour")
      const exit = yield* Fiber.join(call)
      assert.isTrue(Exit.isFailure(exit))
      const error = Exit.isFailure(exit) ? Cause.squash(exit.cause) : undefined
      seen.push(String(error), JSON.stringify(error), inspect(error, { depth: 20, showHidden: true }))
      seen.push(error instanceof Error ? `${error.message} ${error.stack}` : "")
      seen.push(inspect(exit, { depth: 20, showHidden: true }))
      for (const span of spans) {
        seen.push(span.name, inspect([...span.attributes]))
        if (span instanceof Tracer.NativeSpan) seen.push(inspect(span.events))
        if (span.name === "ModelClient.complete") seen.push(inspect(span.status, { depth: 20, showHidden: true }))
      }
      const journal = yield* LedgerJournal
      seen.push(inspect(yield* journal.held("test"), { depth: 20 }))
      seen.push(inspect(yield* journal.settledReply("test", completionKey(request, provider)), { depth: 20 }))
      for (const place of seen) assert.notInclude(place, key)

      // The controls: the key was sent, and what was looked through is not empty.
      const [sent] = yield* (yield* HttpScript).requests
      assert.include(JSON.stringify(sent?.headers), key)
      assert.includeMembers(
        spans.map(({ name }) => name),
        ["a run", "ModelClient.complete", "POST"]
      )
      assert.include(seen.join("\n"), "a call failed")
    }).pipe(
      Effect.provide(layerModelClientScripted(() => step, { providers: [provider] })),
      Effect.provideService(Tracer.Tracer, tracer),
      Effect.provide(Logger.layer([logger]))
    )
  })

  it.effect("would be found by these tests if it leaked", () =>
    Effect.gen(function* () {
      const http = yield* HttpClient.HttpClient
      const response = yield* http.get("http://provider.invalid")
      assert.include(inspect(new Error(yield* response.text)), key)
    }).pipe(Effect.provide(layerModelClientScripted([text(401, key)], { providers: [provider] })))
  )
})

describe("a placeholder for a key", () => {
  it.effect("is a plain word to a local server, and stays in its replies", () =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(Effect.flatMap(ModelClient, (client) => client.complete(request)))
      assert.strictEqual(error.message, "compatible refused the request with 400: ollama has no such model")
    }).pipe(
      Effect.provide(
        layerModelClientScripted([json(400, { error: "ollama has no such model" })], {
          providers: [{ ...compatible, apiKey: Redacted.make("ollama") }]
        })
      )
    )
  )
})
