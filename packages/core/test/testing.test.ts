import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber } from "effect"
import { HttpClient, type HttpClientError, HttpClientRequest } from "effect/http"
import { TestClock } from "effect/testing"
import { sentOf } from "../src/internal/transport/TransportFailure.ts"
import {
  answer,
  brokenOff,
  chatCompletion,
  delayed,
  HttpScript,
  json,
  layerHttpScripted,
  maybeSent,
  neverEnding,
  notSent
} from "../src/testing.ts"

const post = HttpClientRequest.post("http://provider.invalid/x?y=1").pipe(
  HttpClientRequest.setHeader("x-a", "1"),
  HttpClientRequest.bodyText('{"é":1}', "application/json")
)
const send = Effect.flatMap(HttpClient.HttpClient, (http) => http.execute(post))
const failureOf = <A, R>(effect: Effect.Effect<A, HttpClientError.HttpClientError, R>) => Effect.flip(effect)

describe("layerHttpScripted", () => {
  it.effect("answers in order and remembers what it was asked, and when", () =>
    Effect.gen(function* () {
      const first = yield* send
      assert.strictEqual(first.status, 503)
      assert.strictEqual(first.headers["retry-after"], "1")
      assert.deepStrictEqual(yield* first.json, { error: "busy" })
      yield* TestClock.adjust("5 seconds")
      const second = yield* send
      assert.deepStrictEqual(yield* second.json, chatCompletion({ content: "42" }))
      assert.strictEqual(second.headers["x-cost"], "0.5")
      const requests = yield* (yield* HttpScript).requests
      assert.deepStrictEqual(
        requests.map(({ at }) => at),
        [0, 5000]
      )
      assert.deepInclude(requests[0], { method: "POST", url: "http://provider.invalid/x?y=1", body: '{"é":1}' })
      assert.strictEqual(requests[0]?.headers["x-a"], "1")
    }).pipe(
      Effect.provide(
        layerHttpScripted([
          json(503, { error: "busy" }, { "retry-after": "1" }),
          answer({ content: "42", cost: "0.5" })
        ])
      )
    )
  )

  it.effect("plays time on the clock of the test", () =>
    Effect.gen(function* () {
      const slow = yield* Effect.forkChild(send)
      const never = yield* Effect.forkChild(send)
      yield* TestClock.adjust("59 seconds")
      assert.isUndefined(slow.pollUnsafe())
      yield* TestClock.adjust("1 second")
      assert.strictEqual((yield* Fiber.join(slow)).status, 200)
      yield* TestClock.adjust("1000 days")
      assert.isUndefined(never.pollUnsafe())
    }).pipe(Effect.provide(layerHttpScripted([delayed("1 minute", answer()), neverEnding])))
  )

  it.effect("plays failures with the transport's own mark of what was sent", () =>
    Effect.gen(function* () {
      assert.strictEqual(sentOf(yield* failureOf(send)), "no")
      assert.strictEqual(sentOf(yield* failureOf(send)), "maybe")
      const response = yield* send
      assert.strictEqual(sentOf(yield* failureOf(response.text)), "maybe")
    }).pipe(Effect.provide(layerHttpScripted([notSent(), maybeSent(), brokenOff()])))
  )

  it.effect("does not answer past its end", () =>
    Effect.gen(function* () {
      yield* send
      const message = yield* send.pipe(Effect.catchDefect((defect) => Effect.succeed(String(defect))))
      assert.strictEqual(message, "Error: the script has 1 steps and was asked for one more")
    }).pipe(Effect.provide(layerHttpScripted([answer()])))
  )

  it.effect("may be a function of the request and its index", () =>
    Effect.gen(function* () {
      const response = yield* send
      assert.deepStrictEqual(yield* response.json, { body: '{"é":1}', index: 0 })
    }).pipe(Effect.provide(layerHttpScripted(({ body }, index) => json(200, { body, index }))))
  )
})
