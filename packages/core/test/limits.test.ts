import { assert, describe, it } from "@effect/vitest"
import { Duration, Effect, Fiber } from "effect"
import { TestClock } from "effect/testing"
import { type CompletionRequest, callBound, Ledger, ModelClient, parseCredits } from "../src/index.ts"
import {
  answer,
  delayed,
  HttpScript,
  json,
  layerModelClientScripted,
  maybeSent,
  neverEnding,
  notSent,
  text
} from "../src/testing.ts"
import { gateway, o3mini, played, request } from "./support/requests.ts"

const bound = callBound(request, o3mini, played)

describe("calls of one key at the same time", () => {
  it.effect("buy one completion, which all bring, even when they are many", () =>
    Effect.gen(function* () {
      const calls = [yield* start(request), yield* start(request), yield* start(request)]
      yield* TestClock.adjust("1 second")
      const [bought, ...shared] = yield* Effect.forEach(calls, Fiber.join)
      assert.strictEqual(bought?.attempts, 1)
      for (const completion of shared) assert.deepStrictEqual(completion, { ...bought, attempts: 0 })
      assert.strictEqual((yield* requests).length, 1)
      assert.strictEqual((yield* totals).settled, parseCredits("0.001"))
    }).pipe(scripted([delayed("1 second", answer())]))
  )

  it.effect("share a reply that was billed and useless", () =>
    Effect.gen(function* () {
      const calls = [yield* start(request), yield* start(request)]
      yield* TestClock.adjust("1 second")
      for (const call of calls) assert.strictEqual((yield* Effect.flip(Fiber.join(call)))._tag, "UnexpectedReply")
      assert.strictEqual((yield* requests).length, 1)
    }).pipe(scripted([delayed("1 second", text(200, "{", { "x-cost": "0.001" })), answer()]))
  )

  it.effect("are in doubt together when the first is interrupted in flight", () =>
    Effect.gen(function* () {
      const [first, second] = [yield* start(request), yield* start(request)]
      yield* Fiber.interrupt(first)
      assert.strictEqual((yield* Effect.flip(Fiber.join(second)))._tag, "CallInDoubt")
      assert.strictEqual((yield* requests).length, 1)
      assert.strictEqual((yield* totals).held, bound)
    }).pipe(scripted([neverEnding, answer()]))
  )

  it.effect("leave the purchase to the next when the first was refused, uncharged", () =>
    Effect.gen(function* () {
      const [first, second] = [yield* start(request), yield* start(request)]
      yield* TestClock.adjust("1 second")
      assert.strictEqual((yield* Effect.flip(Fiber.join(first)))._tag, "RequestRejected")
      yield* TestClock.adjust("1 second")
      assert.strictEqual((yield* Fiber.join(second)).attempts, 1)
    }).pipe(scripted([delayed("1 second", json(400, { error: "no" })), answer()]))
  )
})

describe("charges over the declared markup", () => {
  it.effect("raise the bounds of later calls, which the client shows", () =>
    Effect.gen(function* () {
      // 310 tokens at 4.40 and 35 at 1.10 dollars a million: 0.0014025 at list price, and the charge is twice that.
      yield* finish(request)
      const [status] = yield* clientStatus
      assert.strictEqual(status?.markupPercent, 210)
      const call = yield* start({ ...request, trialIndex: 1 })
      assert.strictEqual((yield* totals).reserved, (bound * 210n + 99n) / 100n)
      yield* TestClock.adjust("1 second")
      yield* Fiber.join(call)
    }).pipe(scripted([answer({ cost: "0.002805" }), delayed("1 second", answer())]))
  )
})

describe("requestsPerMinute", () => {
  it.effect("spaces the sends, and counts the wait neither as latency nor as the attempt's time", () =>
    Effect.gen(function* () {
      const calls = yield* Effect.forEach([0, 1, 2, 3], (trialIndex) => start({ ...request, trialIndex }))
      yield* TestClock.adjust("10 minutes")
      const completions = yield* Effect.forEach(calls, Fiber.join)
      assert.deepStrictEqual(
        (yield* requests).map(({ at }) => at),
        [0, 120_000, 240_000, 360_000].map((at) => at / 8)
      )
      for (const { latency } of completions) assert.deepStrictEqual(latency, Duration.millis(10))
    }).pipe(scripted(() => delayed(10, answer()), { requestsPerMinute: 4, attemptTimeoutMillis: 20 }))
  )

  it.effect("releases a call that is interrupted while it waits to be sent", () =>
    Effect.gen(function* () {
      yield* finish(request)
      const call = yield* start({ ...request, trialIndex: 1 })
      const again = yield* start({ ...request, trialIndex: 2 })
      assert.isAbove(Number((yield* totals).reserved), 0)
      yield* Fiber.interruptAll([call, again])
      const { held, reserved } = yield* totals
      assert.deepStrictEqual([held, reserved], [0n, 0n])
    }).pipe(scripted(() => answer(), { requestsPerMinute: 0.001 }))
  )
})

describe("adaptive concurrency", () => {
  it.effect("takes places away after a 429 and gives them back by answers", () =>
    Effect.gen(function* () {
      const first = yield* start(request)
      yield* TestClock.adjust("10 seconds")
      yield* Fiber.join(first)
      assert.strictEqual((yield* clientStatus)[0]?.concurrency, 8)
      yield* TestClock.adjust("15 seconds")
      for (let trialIndex = 1; trialIndex < 30; trialIndex += 1) yield* finish({ ...request, trialIndex })
      assert.strictEqual((yield* clientStatus)[0]?.concurrency, 10)
    }).pipe(scripted((_, index) => (index === 0 ? json(429, {}) : answer()), { concurrency: 10 }))
  )

  it.effect("holds for calls that already wait for a place", () => {
    let inFlight = 0
    const seen: Array<number> = []
    return Effect.gen(function* () {
      const calls = yield* Effect.forEach(Array.from({ length: 12 }), (_, trialIndex) =>
        start({ ...request, trialIndex })
      )
      yield* TestClock.adjust("10 minutes")
      yield* Effect.forEach(calls, Fiber.join)
      assert.strictEqual(Math.max(...seen.slice(0, 5)), 5)
      assert.strictEqual(Math.max(...seen.slice(5)), 4)
    }).pipe(
      scripted(
        (_, index) => {
          inFlight += 1
          seen.push(inFlight)
          const step = index === 0 ? json(429, {}, { "retry-after": "60" }) : answer()
          return delayed(index === 0 ? 500 : 1000, (sent) =>
            Effect.suspend(() => {
              inFlight -= 1
              return step(sent)
            })
          )
        },
        { concurrency: { min: 1, start: 5, max: 5 } }
      )
    )
  })
})

describe("the retry budget", () => {
  it.effect("ends retries for all calls once it is spent, and a wait that the server asked for costs none", () =>
    Effect.gen(function* () {
      const polite = yield* finish(request)
      assert.strictEqual(polite.attempts, 4)
      const first = yield* refused({ ...request, trialIndex: 1 })
      assert.deepInclude(first, { _tag: "RateLimited", attempts: 3 })
      const second = yield* refused({ ...request, trialIndex: 2 })
      assert.deepInclude(second, { _tag: "RateLimited", attempts: 1 })
    }).pipe(
      scripted(
        (_, index) => (index < 3 ? json(429, {}, { "retry-after": "1" }) : index === 3 ? answer() : json(429, {})),
        { retryBudget: { initial: 2, perSuccess: 0.2 } }
      )
    )
  )
})

describe("a provider that fails five times in a row", () => {
  const down = { circuit: { failures: 5, retryAfter: "30 seconds" } } as const

  it.effect("is sent nothing for 30 s, then one call, and is back when that is answered", () =>
    Effect.gen(function* () {
      for (let trialIndex = 0; trialIndex < 5; trialIndex += 1) {
        assert.strictEqual((yield* refusedNow({ ...request, trialIndex }))._tag, "CallInDoubt")
      }
      const error = yield* refusedNow({ ...request, trialIndex: 5 })
      assert.strictEqual(
        error.message,
        "simulator failed 5 times in a row (scripted ECONNRESET); the next try is due in 30s."
      )
      assert.strictEqual((yield* clientStatus)[0]?.circuit, "open")
      yield* TestClock.adjust("30 seconds")
      const probe = yield* start({ ...request, trialIndex: 6 })
      assert.strictEqual((yield* refusedNow({ ...request, trialIndex: 7 }))._tag, "CircuitOpen")
      yield* TestClock.adjust("1 second")
      yield* Fiber.join(probe)
      assert.strictEqual((yield* clientStatus)[0]?.circuit, "closed")
      const last = yield* start({ ...request, trialIndex: 8 })
      yield* TestClock.adjust("1 second")
      yield* Fiber.join(last)
      assert.strictEqual((yield* requests).length, 7)
    }).pipe(scripted((_, index) => (index < 5 ? maybeSent() : delayed("1 second", answer())), down))
  )

  it.effect("is not one whose calls were interrupted by ourselves", () =>
    Effect.gen(function* () {
      for (let trialIndex = 0; trialIndex < 6; trialIndex += 1) {
        yield* Fiber.interrupt(yield* start({ ...request, trialIndex }))
      }
      assert.strictEqual((yield* clientStatus)[0]?.circuit, "closed")
    }).pipe(scripted(() => neverEnding, down))
  )

  it.effect("leaves other providers alone", () =>
    Effect.gen(function* () {
      assert.strictEqual((yield* refused(request))._tag, "ProviderUnreachable")
      assert.strictEqual((yield* refusedNow({ ...request, trialIndex: 1 }))._tag, "CircuitOpen")
      yield* finish({ ...request, provider: "segmind" })
    }).pipe(
      scripted(({ url }) => (url.includes("segmind") ? answer() : notSent()), {
        circuit: { failures: 5, retryAfter: "1 hour" },
        providers: [played, gateway]
      })
    )
  )
})

describe("a refusal of the account", () => {
  it.effect.each([
    [401, "Unauthorized"],
    [402, "OutOfCredits"]
  ] as const)(
    "with %i fails every later call with the same %s, without a request, until it is told otherwise",
    ([status, tag]) =>
      Effect.gen(function* () {
        const first = yield* refused(request)
        const later = yield* refused({ ...request, model: "o3", trialIndex: 1 })
        assert.strictEqual(later._tag, tag)
        assert.strictEqual(later.message, first.message)
        assert.strictEqual((yield* requests).length, 1)
        yield* TestClock.adjust("1 day")
        assert.strictEqual((yield* refused(request))._tag, tag, "time heals no key")
        const client = yield* ModelClient
        assert.deepStrictEqual((yield* client.status)[0]?.refusals, [later])
        yield* client.reopen
        yield* finish(request)
        assert.strictEqual((yield* requests).length, 2)
      }).pipe(scripted([text(status, '{"error":"no"}'), answer()]))
  )

  it.effect("for a retired model concerns that model alone", () =>
    Effect.gen(function* () {
      yield* refused(request)
      assert.strictEqual((yield* refused({ ...request, trialIndex: 1 }))._tag, "ModelRetired")
      yield* finish({ ...request, model: "o3" })
      assert.strictEqual((yield* requests).length, 2)
    }).pipe(scripted([json(410, { error: "Model has been retired" }), answer()]))
  )
})

describe("a deadline", () => {
  const within = { deadline: "10 seconds" } as const

  it.effect("ends a call in flight as one in doubt, whatever the attempt's own timeout", () =>
    Effect.gen(function* () {
      const call = yield* start(request)
      yield* TestClock.adjust("9999 millis")
      assert.isUndefined(call.pollUnsafe())
      yield* TestClock.adjust("1 millis")
      assert.strictEqual((yield* Effect.flip(Fiber.join(call)))._tag, "CallInDoubt")
      assert.strictEqual((yield* totals).held, bound)
    }).pipe(scripted([neverEnding], within))
  )

  it.effect("starts no retry that it would not see", () =>
    Effect.gen(function* () {
      const error = yield* refusedNow(request)
      assert.deepInclude(error, { _tag: "RateLimited", attempts: 1 })
    }).pipe(scripted([json(429, {}, { "retry-after": "10" })], within))
  )

  it.effect("ends the wait for a place and for the budget, and leaves nothing reserved", () =>
    Effect.gen(function* () {
      const ledger = yield* Ledger
      const theirs = {
        attemptId: "theirs",
        key: "theirs",
        kind: "answer",
        provider: "simulator",
        model: "o3-mini"
      } as const
      yield* ledger.reserve({ ...theirs, bound, at: 0 })
      const waiting = yield* Effect.forEach([1, 2], (trialIndex) => start({ ...request, trialIndex }))
      yield* TestClock.adjust("9999 millis")
      for (const call of waiting) assert.isUndefined(call.pollUnsafe())
      yield* TestClock.adjust("1 millis")
      for (const call of waiting) {
        const error = yield* Effect.flip(Fiber.join(call))
        assert.strictEqual(
          error.message,
          "The request was not sent: the call's deadline of 10s passed while it waited its turn"
        )
      }
      assert.deepStrictEqual(yield* totals, { limit: bound + 1n, settled: 0n, reserved: bound, held: 0n })
      assert.deepStrictEqual(yield* requests, [])
    }).pipe(scripted([], { ...within, concurrency: 1, limit: bound + 1n }))
  )

  it.effect("ends the wait for the rate, and releases what was reserved", () =>
    Effect.gen(function* () {
      yield* finish(request)
      const error = yield* refused({ ...request, trialIndex: 1 })
      assert.deepInclude(error, { _tag: "RequestRejected", status: 0 })
      assert.strictEqual((yield* totals).reserved, 0n)
      assert.strictEqual((yield* requests).length, 1)
    }).pipe(scripted(() => answer(), { ...within, requestsPerMinute: 0.01 }))
  )

  it.effect("lets a call that is answered in time be", () =>
    Effect.gen(function* () {
      assert.strictEqual((yield* finish(request)).attempts, 1)
      assert.strictEqual((yield* totals).reserved, 0n)
    }).pipe(scripted([delayed("9 seconds", answer())], within))
  )

  it.effect("also ends the wait for a call of the same key", () =>
    Effect.gen(function* () {
      const first = yield* start(request)
      yield* TestClock.adjust("5 seconds")
      const second = yield* start(request)
      yield* TestClock.adjust("5 seconds")
      assert.strictEqual((yield* Effect.flip(Fiber.join(first)))._tag, "CallInDoubt")
      assert.strictEqual((yield* Effect.flip(Fiber.join(second)))._tag, "CallInDoubt")
    }).pipe(scripted([neverEnding], within))
  )
})

const scripted = (...[script, options]: Parameters<typeof layerModelClientScripted>) =>
  Effect.provide(layerModelClientScripted(script, options))

const complete = (asked: CompletionRequest) => Effect.flatMap(ModelClient, (client) => client.complete(asked))
const clientStatus = Effect.flatMap(ModelClient, (client) => client.status)
const totals = Effect.flatMap(Ledger, (ledger) => ledger.totals)
const requests = Effect.flatMap(HttpScript, (script) => script.requests)

/** Starts a call and lets all that can happen without time happen. */
const start = Effect.fnUntraced(function* (asked: CompletionRequest) {
  const call = yield* Effect.forkChild(complete(asked))
  yield* TestClock.adjust(0)
  return call
})

/** Runs a call to its end: no policy waits longer than this. */
const finish = Effect.fnUntraced(function* (asked: CompletionRequest) {
  const call = yield* start(asked)
  yield* TestClock.adjust("20 minutes")
  return yield* Fiber.join(call)
})

const refused = (asked: CompletionRequest) => Effect.flip(finish(asked))

/** The error of a call that fails without any time passing. */
const refusedNow = (asked: CompletionRequest) => Effect.flatMap(start(asked), (call) => Effect.flip(Fiber.join(call)))
