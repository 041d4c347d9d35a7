import { assert, describe, it } from "@effect/vitest"
import { Duration, Effect, Fiber, Redacted } from "effect"
import { TestClock } from "effect/testing"
import {
  type CompletionRequest,
  callBound,
  Ledger,
  LedgerJournal,
  ModelClient,
  parseCredits,
  segmindV2
} from "../src/index.ts"
import {
  brokenOff,
  chatCompletion,
  HttpScript,
  json,
  layerModelClientScripted,
  maybeSent,
  neverEnding,
  notSent,
  type Step,
  text
} from "../src/testing.ts"
import { o3mini, request, secret } from "./support/requests.ts"

const provider = segmindV2(Redacted.make(secret), "http://provider.invalid")
const bound = callBound(request, o3mini, provider)
const id = "0f8fad5b-d9cb-469f-a165-70867728950e"
const submitted = json(200, { request_id: id, status: "QUEUED", poll_url: `/v1/requests/${id}` })
const state = (status: string) => json(200, { request_id: id, status })
const result = (output: unknown, metrics: unknown = { cost: 0.00138958, remaining_credits: 9.98461042 }) =>
  json(200, { request_id: id, status: "COMPLETED", output, metrics })

describe("a Segmind v2 call", () => {
  it.effect("is submitted, polled once a second, and brings the result with its exact cost and balance", () =>
    Effect.gen(function* () {
      const completion = yield* finish(request)
      assert.deepInclude(completion, {
        output: "42",
        charge: { amount: 1_389_580_000n, source: "header", held: 0n },
        remainingCredits: 9_984_610_420_000n,
        requestId: id,
        latency: Duration.seconds(3),
        attempts: 1
      })
      const base = "http://provider.invalid/v2"
      assert.deepStrictEqual(
        (yield* requests).map(({ at, method, url }) => [at, method, url]),
        [
          [0, "POST", `${base}/o3-mini`],
          [1000, "GET", `${base}/requests/${id}/status`],
          [2000, "GET", `${base}/requests/${id}/status`],
          [3000, "GET", `${base}/requests/${id}/status`],
          [3000, "GET", `${base}/requests/${id}`]
        ]
      )
      for (const { headers } of yield* requests) assert.strictEqual(headers["x-api-key"], secret)
      assert.deepStrictEqual(yield* ends, { settled: 1_389_580_000n, reserved: 0n, held: 0n })
    }).pipe(
      scripted([
        submitted,
        state("QUEUED"),
        state("PROCESSING"),
        state("COMPLETED"),
        result(JSON.stringify(chatCompletion({ content: "42" })))
      ])
    )
  )

  it.effect.each([
    ["an object", chatCompletion({ content: "42" }), "stop"],
    ["JSON text", JSON.stringify(chatCompletion({ content: "42" })), "stop"],
    ["the bare answer", "42", "unknown"]
  ] as const)("reads %s as the output, and answers from the record in a resumed run", ([, output, finishReason]) =>
    Effect.gen(function* () {
      const bought = yield* finish(request)
      assert.deepInclude(bought, { output: "42", finishReason })
      assert.deepStrictEqual(yield* finish(request), { ...bought, attempts: 0 })
      assert.strictEqual((yield* requests).length, 3)
    }).pipe(scripted([submitted, state("COMPLETED"), result(output)], { recall: true }))
  )

  it.effect("that failed is rejected, uncharged and not bought again", () =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(finish(request))
      assert.strictEqual(error.message, "segmind-v2 refused the request with 422: Prompt is Mandatory")
      assert.strictEqual((yield* requests).length, 2)
      assert.deepStrictEqual(yield* ends, { settled: 0n, reserved: 0n, held: 0n })
    }).pipe(scripted([submitted, json(422, { status: "FAILED", error: "Prompt is Mandatory", metrics: {} })]))
  )

  it.effect.each<readonly [string, ReadonlyArray<Step>]>([
    ["connections that fail", [notSent(), maybeSent()]],
    ["a gateway in trouble", [text(502, "<h1>Bad Gateway</h1>"), json(500, { error: "oops" })]],
    ["a throttled poll", [json(429, {}, { "retry-after": "7" })]],
    ["garbage", [text(200, "{"), brokenOff()]],
    ["a poll that hangs", [neverEnding]]
  ])("survives %s on the way to its result, at no cost", ([, troubles]) =>
    Effect.gen(function* () {
      assert.strictEqual((yield* finish(request)).output, "ok")
      const posts = (yield* requests).filter(({ method }) => method === "POST")
      assert.strictEqual(posts.length, 1)
      assert.deepStrictEqual(yield* ends, { settled: parseCredits("0.00138958"), reserved: 0n, held: 0n })
    }).pipe(scripted([submitted, ...troubles, state("COMPLETED"), ...troubles, result(chatCompletion())]))
  )

  it.effect.each<readonly [string, ReadonlyArray<Step>, string]>([
    ["its submit was lost", [maybeSent()], "scripted ECONNRESET"],
    ["its submit names no job", [json(200, { status: "QUEUED" })], "it has no choices[0].message"],
    ["its record is gone", [submitted, json(404, { error: "Request not found" })], "the job's record is gone"],
    ["its polls are refused", [submitted, json(401, {})], "polling for the job was refused with 401"]
  ])("is in doubt when %s", ([, steps, reason]) =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(finish(request))
      assert.deepInclude(error, { _tag: "CallInDoubt", held: bound, reason })
      assert.strictEqual((yield* requests).length, steps.length)
      assert.deepStrictEqual(yield* ends, { settled: 0n, reserved: 0n, held: bound })
    }).pipe(scripted(steps))
  )

  it.effect("is in doubt when the job has not ended after 600 s", () =>
    Effect.gen(function* () {
      const call = yield* start(request)
      yield* TestClock.adjust("599 seconds")
      assert.isUndefined(call.pollUnsafe())
      yield* TestClock.adjust("1 second")
      const error = yield* Effect.flip(Fiber.join(call))
      assert.deepInclude(error, { _tag: "CallInDoubt", reason: "the job had not ended after 600 s" })
    }).pipe(scripted((_, index) => (index === 0 ? submitted : state("PROCESSING"))))
  )

  it.effect("that is interrupted while it is polled is held", () =>
    Effect.gen(function* () {
      const call = yield* start(request)
      yield* TestClock.adjust("5500 millis")
      yield* Fiber.interrupt(call)
      assert.deepStrictEqual(yield* ends, { settled: 0n, reserved: 0n, held: bound })
      const journal = yield* LedgerJournal
      assert.strictEqual((yield* journal.held("test")).length, 1)
    }).pipe(scripted((_, index) => (index === 0 ? submitted : state("PROCESSING"))))
  )

  it.effect("is submitted again after a submit that was certainly not taken", () =>
    Effect.gen(function* () {
      assert.strictEqual((yield* finish(request)).attempts, 3)
    }).pipe(
      scripted([json(500, { error: "busy" }), notSent(), submitted, state("COMPLETED"), result(chatCompletion())])
    )
  )

  it.effect("follows no path that a reply makes up", () =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(finish(request))
      assert.strictEqual(error._tag, "CallInDoubt")
      assert.strictEqual((yield* requests).length, 1)
    }).pipe(scripted([json(200, { request_id: "../v1/get-user-credits?", status: "QUEUED" })]))
  )
})

const scripted = (...[script, options]: Parameters<typeof layerModelClientScripted>) =>
  Effect.provide(layerModelClientScripted(script, { ...options, providers: [provider] }))

const requests = Effect.flatMap(HttpScript, (script) => script.requests)

const ends = Effect.gen(function* () {
  const { held, reserved, settled } = yield* (yield* Ledger).totals
  return { settled, reserved, held }
})

const start = Effect.fnUntraced(function* (asked: CompletionRequest) {
  const call = yield* Effect.forkChild(Effect.flatMap(ModelClient, (client) => client.complete(asked)))
  yield* TestClock.adjust(0)
  return call
})

const finish = Effect.fnUntraced(function* (asked: CompletionRequest) {
  const call = yield* start(asked)
  yield* TestClock.adjust("20 minutes")
  return yield* Fiber.join(call)
})
