import { assert, describe, it } from "@effect/vitest"
import { Duration, Effect, Fiber, Layer, Logger } from "effect"
import { HttpClient } from "effect/http"
import { TestClock } from "effect/testing"
import {
  type CompletionRequest,
  callBound,
  completionKey,
  Ledger,
  LedgerJournal,
  type LedgerTotals,
  ModelClient,
  type ModelError,
  parseCredits
} from "../src/index.ts"
import { CurrentProgress } from "../src/internal/transport/RequestProgress.ts"
import {
  answer,
  brokenOff,
  chatCompletion,
  delayed,
  HttpScript,
  json,
  layerHttpScripted,
  layerModelClientScripted,
  maybeSent,
  neverEnding,
  notSent,
  text
} from "../src/testing.ts"
import { layerJournalSlow } from "./support/journals.ts"
import { gateway, o3mini, played, request } from "./support/requests.ts"

const limit = 1_000_000_000_000_000n
const bound = callBound(request, o3mini, played)

describe("a call that is answered", () => {
  it.effect("brings the output, the tokens, the exact cost, the latency and who answered", () =>
    Effect.gen(function* () {
      const completion = yield* finish(request)
      assert.deepStrictEqual(completion, {
        output: "42",
        finishReason: "stop",
        refusal: undefined,
        model: "o3-mini-2025-01-31",
        systemFingerprint: "fp_1",
        usage: { promptTokens: 35, cachedPromptTokens: 0, completionTokens: 310, reasoningTokens: 256 },
        charge: { amount: 1_389_580_000n, source: "header", held: 0n },
        latency: Duration.millis(3267),
        requestId: "request-1",
        attemptId: completion.attemptId,
        attempts: 1,
        remainingCredits: 9_984_610_420_000n
      })
      assert.match(completion.attemptId, /^[0-9a-f]{13}$/)
      assert.deepStrictEqual(yield* totals, { limit, settled: 1_389_580_000n, reserved: 0n, held: 0n })
    }).pipe(
      scripted([
        delayed(
          "3267 millis",
          answer({ content: "42", cost: "0.00138958", headers: { "x-remaining-credits": "9.98461042" } })
        )
      ])
    )
  )

  it.effect("reserves its bound before it is sent", () =>
    Effect.gen(function* () {
      const call = yield* start(request)
      yield* TestClock.adjust("500 millis")
      assert.strictEqual((yield* totals).reserved, bound)
      yield* TestClock.adjust("1 second")
      yield* Fiber.join(call)
    }).pipe(scripted([delayed("1 second", answer())]))
  )

  it.effect("sends no trace headers, though the client would", () =>
    Effect.gen(function* () {
      yield* Effect.withSpan(finish(request), "a run")
      const [sent] = yield* requests
      assert.deepStrictEqual(Object.keys(sent?.headers ?? {}).toSorted(), ["accept", "content-type", "x-api-key"])
      // The control: the same client adds them for code that does not turn them off.
      const http = yield* HttpClient.HttpClient
      yield* Effect.withSpan(http.post("http://provider.invalid"), "a run")
      assert.property((yield* requests)[1]?.headers ?? {}, "traceparent")
    }).pipe(scripted([answer(), answer()]))
  )

  it.effect("keeps the raw reply with the charge, and of its headers only the evidence", () =>
    Effect.gen(function* () {
      yield* finish(request)
      const journal = yield* LedgerJournal
      const settled = yield* journal.settledReply("test", completionKey(request, played))
      assert.deepStrictEqual(settled?.reply, {
        status: 200,
        headers: { "x-cost": "0.001", "x-request-id": "request-1" },
        body: JSON.stringify(chatCompletion())
      })
    }).pipe(scripted([answer({ headers: { "set-cookie": "session=1", "x-other": "1" } })]))
  )

  it.effect("settles usage × price and holds the rest when no header tells the cost", () =>
    Effect.gen(function* () {
      const { charge } = yield* finish(request)
      const price = 35n * 1_100_000n + 310n * 4_400_000n
      assert.deepStrictEqual(charge, { amount: price, source: "usage", held: bound - price })
      assert.deepStrictEqual(yield* totals, { limit, settled: price, reserved: 0n, held: bound - price })
    }).pipe(scripted([json(200, chatCompletion())]))
  )

  it.effect("settles the bound when neither cost nor usage is told", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual((yield* finish(request)).charge, { amount: bound, source: "bound", held: 0n })
      assert.strictEqual((yield* totals).settled, bound)
    }).pipe(scripted([json(200, chatCompletion({ usage: null }))]))
  )

  it.effect("may be empty because it was cut: that is billed and brought back, not bought again", () =>
    Effect.gen(function* () {
      const { output, finishReason } = yield* finish(request)
      assert.deepStrictEqual([output, finishReason], ["", "length"])
      assert.strictEqual((yield* requests).length, 1)
    }).pipe(scripted([answer({ content: "", finishReason: "length" })]))
  )

  it.effect("counts a charge over its bound in full, warns of it, and is the last that is admitted", () => {
    const warnings: Array<unknown> = []
    const logger = Logger.make(({ logLevel, message }) => warnings.push([logLevel, message]))
    return Effect.gen(function* () {
      yield* finish(request)
      assert.strictEqual((yield* totals).settled, parseCredits("0.01"))
      const error = yield* refused({ ...request, trialIndex: 1 })
      assert.deepInclude(error, { _tag: "BoundBreach", bound, charged: 10_000_000_000n })
      assert.strictEqual((yield* requests).length, 1)
      const warning =
        "simulator charged 0.01 credits for a call to o3-mini that was bounded by 0.0044836: its prices are higher " +
        "than declared, and the budget holds only as far as the bounds do."
      const markup =
        "simulator charges more over the list price than the 100 % that were declared: bounds are made with 749 % from " +
        "now on."
      assert.deepStrictEqual(warnings, [
        ["Warn", [warning]],
        ["Warn", [markup]]
      ])
    }).pipe(scripted([answer({ cost: "0.01" })]), Effect.provide(Logger.layer([logger])))
  })
})

describe("a call that is refused", () => {
  const refusals: ReadonlyArray<readonly [number, string, ModelError["_tag"], string]> = [
    [401, '{"error":"Unauthorized"}', "Unauthorized", "simulator refused the API key: Unauthorized"],
    [402, "", "OutOfCredits", "simulator says the account cannot pay for the call: no reason given"],
    [
      406,
      '{"error":"Insufficient credits. Balance: 0.1"}',
      "OutOfCredits",
      "simulator says the account cannot pay for the call: Insufficient credits. Balance: 0.1"
    ],
    [
      406,
      '{"error":"Invalid content type"}',
      "RequestRejected",
      "simulator refused the request with 406: Invalid content type"
    ],
    [400, '{"error":"no"}', "RequestRejected", "simulator refused the request with 400: no"],
    [404, '{"error":"Model not found"}', "RequestRejected", "simulator refused the request with 404: Model not found"],
    [
      429,
      '{"error":{"message":"pay","code":"insufficient_quota"}}',
      "OutOfCredits",
      "simulator says the account cannot pay for the call: pay"
    ]
  ]
  it.effect.each(refusals)("with %i %s fails at once with %s, uncharged", ([status, body, tag, message]) =>
    Effect.gen(function* () {
      const error = yield* refused(request)
      assert.strictEqual(error._tag, tag)
      assert.strictEqual(error.message, message)
      assert.strictEqual((yield* requests).length, 1)
      assert.deepStrictEqual(yield* totals, untouched)
    }).pipe(scripted([text(status, body)]))
  )

  it.effect.each([
    [410, '{"error":"Model has been retired"}'],
    [404, '{"error":{"message":"The model does not exist","code":"model_not_found"}}']
  ] as const)("with %i %s names the siblings that live today", ([status, body]) =>
    Effect.gen(function* () {
      yield* TestClock.setTime(Date.UTC(2026, 11, 11))
      const error = yield* refused(request)
      assert.strictEqual(
        error.message,
        "simulator has retired the model o3-mini. Living siblings, with the list price of a million output tokens: " +
          "gpt-5-nano (0.4 credits), gpt-4o-mini (0.6 credits), gpt-4.1-mini (1.6 credits), o4-mini (4.4 credits), " +
          "gpt-4.1 (8 credits), gpt-4o (10 credits), o1 (60 credits). Put one of these slugs in the request's `model`."
      )
      assert.strictEqual((yield* requests).length, 1)
      assert.deepStrictEqual(yield* totals, untouched)
    }).pipe(scripted([text(status, body)]))
  )

  it.effect("here is not sent at all", () =>
    Effect.gen(function* () {
      const error = yield* refused({ ...request, model: "gpt-9" })
      assert.strictEqual(error._tag, "RequestRejected")
      assert.deepStrictEqual(yield* requests, [])
    }).pipe(scripted([]))
  )

  it.effect("by the budget is not sent at all", () =>
    Effect.gen(function* () {
      const error = yield* refused(request)
      assert.strictEqual(error._tag, "BudgetExceeded")
      assert.deepStrictEqual(yield* requests, [])
    }).pipe(scripted([], { limit: bound - 1n }))
  )
})

describe("a call that is throttled", () => {
  const throttled = json(429, { error: "Rate limit exceeded" })

  it.effect("comes back after the server's wish and not before, once more a second time", () =>
    Effect.gen(function* () {
      const call = yield* start(request)
      yield* TestClock.adjust("6999 millis")
      assert.strictEqual((yield* requests).length, 1)
      assert.deepStrictEqual(yield* totals, untouched)
      yield* TestClock.adjust("1001 millis")
      assert.strictEqual((yield* requests).length, 2)
      yield* TestClock.adjust("10 seconds")
      const completion = yield* Fiber.join(call)
      assert.strictEqual(completion.attempts, 3)
      const [first, second, third] = (yield* requests).map(({ at }) => at)
      assert.isAtLeast((second ?? 0) - (first ?? 0), 7000)
      assert.isAtLeast((third ?? 0) - (second ?? 0), 2000)
      assert.strictEqual((yield* totals).settled, parseCredits("0.001"))
    }).pipe(
      scripted([
        json(429, {}, { "retry-after": "7" }),
        json(429, {}, { "x-rate-limit-reset-at-utc": "1970-01-01T00:00:10Z", date: "Thu, 01 Jan 1970 00:00:08 GMT" }),
        answer()
      ])
    )
  )

  it.effect("gives up after exactly 7 attempts", () =>
    Effect.gen(function* () {
      const error = yield* refused(request)
      assert.deepInclude(error, { _tag: "RateLimited", attempts: 7 })
      assert.strictEqual(error.message, "simulator still limits the rate after 7 attempts, and asks to wait 3s.")
      assert.strictEqual((yield* requests).length, 7)
      assert.deepStrictEqual(yield* totals, untouched)
    }).pipe(scripted([...Array.from({ length: 6 }, () => throttled), json(429, {}, { "retry-after": "3" }), answer()]))
  )

  it.effect("holds no permit while it waits", () =>
    Effect.gen(function* () {
      const call = yield* start(request)
      yield* Fiber.join(yield* start({ ...request, trialIndex: 1 }))
      assert.isUndefined(call.pollUnsafe())
      yield* TestClock.adjust("2 minutes")
      yield* Fiber.join(call)
    }).pipe(scripted([json(429, {}, { "retry-after": "90" }), answer(), answer()], { concurrency: 1 }))
  )

  it.effect("leaves nothing behind when it is interrupted while it waits", () =>
    Effect.gen(function* () {
      const call = yield* start(request)
      yield* Fiber.interrupt(call)
      yield* TestClock.adjust("10 minutes")
      assert.strictEqual((yield* requests).length, 1)
      assert.deepStrictEqual(yield* totals, untouched)
    }).pipe(scripted([throttled]))
  )
})

describe("a server that fails", () => {
  it.effect("is asked again twice when it says so itself", () =>
    Effect.gen(function* () {
      assert.strictEqual((yield* finish(request)).attempts, 3)
    }).pipe(scripted([json(500, { error: "one" }), json(500, { error: "two" }), answer()]))
  )

  it.effect("is given up after three different failures, uncharged", () =>
    Effect.gen(function* () {
      const error = yield* refused(request)
      assert.strictEqual(error.message, "simulator failed with 500 after 3 attempts: three")
      assert.deepStrictEqual(yield* totals, untouched)
    }).pipe(scripted(["one", "two", "three", "four"].map((error) => json(500, { error }))))
  )

  it.effect("is given up when it repeats its own words", () =>
    Effect.gen(function* () {
      const error = yield* refused(request)
      assert.deepInclude(error, { _tag: "ProviderFailed", status: 500, attempts: 2, reason: "Internal server error" })
      assert.strictEqual((yield* requests).length, 2)
    }).pipe(scripted(Array.from({ length: 3 }, () => json(500, { error: "Internal server error" }))))
  )

  it.effect("after more than 55 s leaves the call in doubt", () =>
    expectInDoubt("Internal Polling Error").pipe(
      scripted([delayed("100 seconds", json(500, { error: "Internal Polling Error" })), answer()])
    )
  )
})

describe("a call that was not sent", () => {
  it.effect("is tried 5 times in all, uncharged", () =>
    Effect.gen(function* () {
      const error = yield* refused(request)
      assert.strictEqual(error.message, "simulator could not be reached after 5 attempts: scripted ECONNREFUSED")
      assert.strictEqual((yield* requests).length, 5)
      assert.deepStrictEqual(yield* totals, untouched)
    }).pipe(scripted([...Array.from({ length: 5 }, () => notSent()), answer()]))
  )

  it.effect("counts its tries apart from those of a throttled one", () =>
    Effect.gen(function* () {
      assert.strictEqual((yield* finish(request)).attempts, 11)
    }).pipe(
      scripted([
        ...Array.from({ length: 3 }, () => notSent()),
        ...Array.from({ length: 6 }, () => json(429, {})),
        json(500, { error: "one" }),
        answer()
      ])
    )
  )

  it.effect("since its caller had gone while the ledger reserved is released", () =>
    Effect.gen(function* () {
      const call = yield* start(request)
      yield* TestClock.adjust("5 millis")
      const interrupting = yield* Effect.forkChild(Fiber.interrupt(call))
      yield* TestClock.adjust("1 second")
      yield* Fiber.join(interrupting)
      assert.deepStrictEqual(yield* requests, [])
      assert.deepStrictEqual(yield* totals, untouched)
    }).pipe(Effect.provide(clientOver(layerJournalSlow, [answer()])))
  )

  it.effect("since no connection was made in time is released and tried again", () =>
    Effect.gen(function* () {
      assert.strictEqual((yield* finish(request)).attempts, 2)
      assert.strictEqual((yield* totals).held, 0n)
    }).pipe(
      scripted([
        () =>
          Effect.andThen(
            Effect.map(CurrentProgress, (progress) => {
              if (progress !== undefined) progress.tracked = true
            }),
            Effect.never
          ),
        answer()
      ])
    )
  )
})

describe("a call in doubt", () => {
  it.effect.each([
    ["a connection that broke after sending", maybeSent(), "scripted ECONNRESET"],
    ["a reply that broke off", brokenOff(), "scripted ECONNRESET"],
    ["a proxy's 502", text(502, "<h1>Bad Gateway</h1>"), "Bad Gateway"],
    ["a 524 without a word", text(524, ""), "no reason given"],
    ["a 200 that tells no cost and is no JSON", text(200, "{"), "the body is not a JSON object"],
    ["a 200 with an error and no cost", json(200, { error: "overloaded" }), "it holds an error: overloaded"],
    ["an empty 204", text(204, ""), "no reason given"]
  ] as const)("is %s: held, and never sent again", ([, step, reason]) =>
    expectInDoubt(reason).pipe(scripted([step, answer()]))
  )

  it.effect("is one without a reply after 120 s", () =>
    Effect.gen(function* () {
      const call = yield* start(request)
      yield* TestClock.adjust("119999 millis")
      assert.isUndefined(call.pollUnsafe())
      assert.strictEqual((yield* totals).reserved, bound)
      yield* TestClock.adjust("1 millis")
      const error = yield* Effect.flip(Fiber.join(call))
      assert.strictEqual(
        error.message,
        "The fate of a call to simulator is unknown (no reply within the attempt's timeout); " +
          "up to 0.0044836 credits are held for it."
      )
      assert.deepStrictEqual(yield* totals, { ...untouched, held: bound })
      yield* TestClock.adjust("1 hour")
      assert.strictEqual((yield* requests).length, 1)
    }).pipe(scripted([neverEnding, answer()]))
  )

  it.effect("is one that was interrupted in flight", () =>
    Effect.gen(function* () {
      const call = yield* start(request)
      yield* Fiber.interrupt(call)
      assert.deepStrictEqual(yield* totals, { ...untouched, held: bound })
      const journal = yield* LedgerJournal
      const [held] = yield* journal.held("test")
      assert.deepInclude(held, { bound, reason: "interrupted while waiting for the reply", provider: "simulator" })
    }).pipe(scripted([neverEnding]))
  )

  it.effect("blocks a second purchase of its key, and of that key alone", () =>
    Effect.gen(function* () {
      yield* refused(request)
      const again = yield* refused(request)
      assert.strictEqual(again._tag, "CallInDoubt")
      assert.include(again.message, "an earlier call of the same completion never ended")
      assert.strictEqual((yield* requests).length, 1)
      yield* finish({ ...request, trialIndex: 1 })
      assert.strictEqual((yield* requests).length, 2)
    }).pipe(scripted([maybeSent(), answer(), answer()]))
  )

  it.effect("may come after attempts that were safe to repeat", () =>
    Effect.gen(function* () {
      const error = yield* refused(request)
      assert.strictEqual(error._tag, "CallInDoubt")
      assert.strictEqual((yield* requests).length, 3)
      assert.deepStrictEqual(yield* totals, { ...untouched, held: bound })
    }).pipe(scripted([json(429, {}), notSent(), maybeSent(), answer()]))
  )
})

describe("a reply that is billed and useless", () => {
  it.effect.each([
    ["{", "the body is not a JSON object"],
    ['{"choices":[]}', "it has no choices[0].message"],
    ['{"error":"overloaded"}', "it holds an error: overloaded"]
  ] as const)("as %s is charged, named and not bought again", ([body, reason]) =>
    Effect.gen(function* () {
      const error = yield* refused(request)
      assert.deepInclude(error, { _tag: "UnexpectedReply", charged: 1_000_000_000n, reason })
      assert.strictEqual(error.message, `simulator charged 0.001 credits for a reply that cannot be read: ${reason}`)
      assert.strictEqual((yield* requests).length, 1)
      assert.deepStrictEqual(yield* totals, { ...untouched, settled: 1_000_000_000n })
    }).pipe(scripted([text(200, body, { "x-cost": "0.001" }), answer()]))
  )
})

describe("recall", () => {
  it.effect("answers from what was paid for, without sending, at the old cost and latency", () =>
    Effect.gen(function* () {
      const bought = yield* finish(request)
      const recalled = yield* finish(request)
      assert.deepStrictEqual(recalled, { ...bought, attempts: 0 })
      assert.strictEqual((yield* requests).length, 1)
      assert.strictEqual((yield* totals).settled, bought.charge.amount)
    }).pipe(scripted([delayed("2 seconds", answer({ content: "42" }))], { recall: true }))
  )

  it.effect("does not buy a useless reply a second time either", () =>
    Effect.gen(function* () {
      const bought = yield* refused(request)
      const recalled = yield* refused(request)
      assert.strictEqual(recalled._tag, "UnexpectedReply")
      assert.strictEqual(recalled.message, bought.message)
      assert.strictEqual((yield* requests).length, 1)
    }).pipe(scripted([text(200, "{", { "x-cost": "0.001" })], { recall: true }))
  )

  it.effect("is off by default, and tells trials apart", () =>
    Effect.gen(function* () {
      yield* finish(request)
      yield* finish(request)
      assert.strictEqual((yield* requests).length, 2)
    }).pipe(scripted([answer(), answer()]))
  )

  it.effect("buys what is not on record", () =>
    Effect.gen(function* () {
      yield* finish(request)
      yield* finish({ ...request, trialIndex: 1 })
      assert.strictEqual((yield* requests).length, 2)
    }).pipe(scripted([answer(), answer()], { recall: true }))
  )
})

describe("many calls", () => {
  it.effect("are never more in flight than the concurrency", () => {
    let inFlight = 0
    let most = 0
    const counted = () =>
      delayed("1 second", (sent) =>
        Effect.suspend(() => {
          inFlight -= 1
          return answer()(sent)
        })
      )
    return Effect.gen(function* () {
      const calls = yield* Effect.forkChild(
        Effect.forEach(
          Array.from({ length: 20 }, (_, trialIndex) => ({ ...request, trialIndex })),
          complete,
          {
            concurrency: "unbounded"
          }
        )
      )
      yield* TestClock.adjust("10 seconds")
      yield* Fiber.join(calls)
      assert.strictEqual(most, 3)
    }).pipe(
      scripted(
        () => {
          inFlight += 1
          most = Math.max(most, inFlight)
          return counted()
        },
        { concurrency: 3 }
      )
    )
  })

  it.effect("wait for each other's reservations instead of failing", () =>
    Effect.gen(function* () {
      const calls = yield* Effect.forkChild(
        Effect.forEach(
          Array.from({ length: 5 }, (_, trialIndex) => ({ ...request, trialIndex })),
          complete,
          {
            concurrency: "unbounded"
          }
        )
      )
      yield* TestClock.adjust("5 seconds")
      yield* Fiber.join(calls)
      assert.deepStrictEqual(
        (yield* requests).map(({ at }) => at),
        [0, 1000, 2000, 3000, 4000]
      )
    }).pipe(scripted(() => delayed("1 second", answer({ cost: "0.0001" })), { limit: bound + 400_000_000n }))
  )
})

describe("providers", () => {
  it.effect("are told apart by the name in the request", () =>
    Effect.gen(function* () {
      yield* finish({ ...request, provider: "segmind" })
      yield* finish(request)
      assert.deepStrictEqual(
        (yield* requests).map(({ url }) => url),
        ["https://api.segmind.com/v1/o3-mini", "http://provider.invalid/v1/o3-mini"]
      )
    }).pipe(scripted([answer(), answer()], { providers: [played, gateway] }))
  )
})

const untouched: LedgerTotals = { limit, settled: 0n, reserved: 0n, held: 0n }

const scripted = (...[script, options]: Parameters<typeof layerModelClientScripted>) =>
  Effect.provide(layerModelClientScripted(script, options))

const clientOver = (journal: Layer.Layer<LedgerJournal>, script: Parameters<typeof layerHttpScripted>[0]) =>
  ModelClient.layer({ providers: [played] }).pipe(
    Layer.provideMerge(Ledger.layer({ budget: "test", limit })),
    Layer.provideMerge(journal),
    Layer.provideMerge(layerHttpScripted(script))
  )

const complete = (asked: CompletionRequest) => Effect.flatMap(ModelClient, (client) => client.complete(asked))

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

const expectInDoubt = Effect.fnUntraced(function* (reason: string) {
  const error = yield* refused(request)
  assert.deepInclude(error, { _tag: "CallInDoubt", held: bound, reason })
  assert.deepStrictEqual(yield* totals, { ...untouched, held: bound })
  assert.strictEqual((yield* requests).length, 1)
})
