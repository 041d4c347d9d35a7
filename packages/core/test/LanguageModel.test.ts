import { inspect } from "node:util"
import { assert, describe, it } from "@effect/vitest"
import { Context, Duration, Effect, Fiber, Layer, Option, Result, Schema, Stream } from "effect"
import { AiError, LanguageModel, Prompt, Tool, Toolkit } from "effect/ai"
import { TestClock } from "effect/testing"
import { Ledger, parseCredits } from "../src/index.ts"
import * as AssayModel from "../src/LanguageModel.ts"
import { toAiError } from "../src/languageModel/toAiError.ts"
import {
  BoundBreach,
  BudgetExceeded,
  CallClaimed,
  CallInDoubt,
  CircuitOpen,
  JournalFailed,
  type ModelError,
  ModelRetired,
  OutOfCredits,
  ProviderFailed,
  ProviderUnreachable,
  RateLimited,
  RequestRejected,
  Unauthorized,
  UnexpectedReply
} from "../src/ModelError.ts"
import {
  answer,
  HttpScript,
  json,
  layerModelClientScripted,
  type Script,
  type ScriptedClientOptions
} from "../src/testing.ts"
import { secret } from "./support/requests.ts"

const settings: AssayModel.LanguageModelSettings = { model: "o3-mini", maxCompletionTokens: 1000 }

const over = (
  script: Script,
  changed: Partial<AssayModel.LanguageModelSettings> = {},
  clientOptions: ScriptedClientOptions = {}
) =>
  Effect.provide(
    AssayModel.layer({ ...settings, ...changed }).pipe(
      Layer.provideMerge(layerModelClientScripted(script, clientOptions))
    )
  )

const sentBodies = Effect.gen(function* () {
  const requests = yield* (yield* HttpScript).requests
  return requests.map(({ body }) => JSON.parse(body))
})
const totals = Effect.flatMap(Ledger, (ledger) => ledger.totals)
const amount = (text: string) => parseCredits(text) ?? assert.fail(`${text} is no amount`)

/** The reason of the failure that must come, and that nothing of ours hides in it. */
const reasonOf = <A, R>(effect: Effect.Effect<A, AiError.AiError, R>) =>
  Effect.map(Effect.flip(effect), (error) => {
    assert.isTrue(AiError.isAiError(error))
    assert.notInclude(inspect(error, { depth: 20 }), secret)
    return error
  })

const Address = Schema.Struct({
  city: Schema.String,
  since: Schema.Date,
  floor: Schema.Int.check(Schema.isGreaterThan(0))
})

describe("generateText", () => {
  it.effect("brings text, usage and the exact charge, through the ledger", () =>
    Effect.gen(function* () {
      const response = yield* LanguageModel.generateText({ prompt: "6 × 7?" })
      assert.strictEqual(response.text, "42")
      assert.strictEqual(response.finishReason, "stop")
      assert.deepStrictEqual({ ...response.usage.inputTokens }, { total: 35, uncached: 25, cacheRead: 10 })
      assert.deepStrictEqual({ ...response.usage.outputTokens }, { total: 310, text: 54, reasoning: 256 })
      const finish = response.content.find((part) => part.type === "finish")
      assert.deepInclude(finish?.metadata.assay, {
        credits: "0.001389579999",
        creditsSource: "header",
        creditsHeld: "0",
        remainingCredits: "8.5",
        attempts: 1,
        refusal: null
      })
      const metadata = response.content.find((part) => part.type === "response-metadata")
      assert.deepInclude(metadata, { id: "request-1", modelId: "o3-mini-2025-01-31" })
      assert.strictEqual((yield* totals).settled, amount("0.001389579999"))
    }).pipe(
      over([
        answer({
          content: "42",
          cost: "0.001389579999",
          headers: { "x-remaining-credits": "8.5" },
          usage: { cachedPromptTokens: 10 }
        })
      ])
    )
  )

  it.effect("sends the turns of a conversation, and leaves earlier reasoning out", () =>
    Effect.gen(function* () {
      yield* LanguageModel.generateText({
        prompt: [
          { role: "system", content: "Be brief." },
          {
            role: "user",
            content: [
              { type: "text", text: "One." },
              { type: "text", text: "Two." }
            ]
          },
          {
            role: "assistant",
            content: [
              { type: "reasoning", text: "hm" },
              { type: "text", text: "Three" },
              { type: "text", text: ", four." }
            ]
          },
          { role: "user", content: [{ type: "text", text: "And?" }] }
        ]
      })
      const [body] = yield* sentBodies
      assert.deepStrictEqual(body, {
        messages: [
          { role: "system", content: "Be brief." },
          { role: "user", content: "One.\nTwo." },
          { role: "assistant", content: "Three, four." },
          { role: "user", content: "And?" }
        ],
        max_completion_tokens: 1000
      })
    }).pipe(over([answer()]))
  )

  it.effect("gives a cut or refused reply as what it is, since it was billed", () =>
    Effect.gen(function* () {
      const cut = yield* LanguageModel.generateText({ prompt: "a" })
      assert.strictEqual(cut.text, "")
      assert.strictEqual(cut.finishReason, "length")
      const refused = yield* LanguageModel.generateText({ prompt: "b" })
      assert.strictEqual(refused.finishReason, "other")
      const finish = refused.content.find((part) => part.type === "finish")
      assert.strictEqual(finish?.metadata.assay?.refusal, "I can't help with that.")
      assert.strictEqual((yield* totals).settled, amount("0.002"))
    }).pipe(
      over([
        answer({ content: "", finishReason: "length" }),
        answer({ content: null, refusal: "I can't help with that." })
      ])
    )
  )

  it.effect("charges nothing for a reply that had been bought already", () =>
    Effect.gen(function* () {
      const creditsOf = Effect.map(LanguageModel.generateText({ prompt: "a" }), ({ content }) => {
        const finish = content.find((part) => part.type === "finish")
        return [finish?.metadata.assay?.credits, finish?.metadata.assay?.attempts]
      })
      assert.deepStrictEqual(yield* creditsOf, ["0.001", 1])
      assert.deepStrictEqual(yield* creditsOf, ["0", 0])
      assert.strictEqual((yield* totals).settled, amount("0.001"))
    }).pipe(over([answer()], {}, { recall: true }))
  )

  it.effect("takes settings for the calls in one's reach", () =>
    Effect.gen(function* () {
      yield* LanguageModel.generateText({ prompt: "a" }).pipe(
        AssayModel.withSettings({ reasoningEffort: "high", seed: 7 }),
        AssayModel.withSettings({ maxCompletionTokens: 2000, seed: 1 })
      )
      yield* LanguageModel.generateText({ prompt: "a" })
      const [first, second] = yield* sentBodies
      assert.deepInclude(first, { reasoning_effort: "high", seed: 7, max_completion_tokens: 2000 })
      assert.notProperty(second, "seed")
      assert.deepInclude(second, { max_completion_tokens: 1000 })
    }).pipe(over([answer(), answer()]))
  )
})

describe("generateObject", () => {
  const ask = LanguageModel.generateObject({ prompt: "Where?", schema: Address, objectName: "address" })

  it.effect("puts the schema into the prompt and decodes the reply", () =>
    Effect.gen(function* () {
      const response = yield* ask
      assert.deepStrictEqual(response.value, { city: "Turin", since: new Date("2024-05-06T00:00:00.000Z"), floor: 3 })
      const [body] = yield* sentBodies
      assert.deepStrictEqual(body.response_format, { type: "json_object" })
      assert.lengthOf(body.messages, 2)
      const [system, user] = body.messages
      assert.deepStrictEqual(user, { role: "user", content: "Where?" })
      assert.strictEqual(system.role, "system")
      assert.include(system.content, "JSON")
      const schema = JSON.parse(system.content.slice(system.content.indexOf("{")))
      assert.sameMembers(Object.keys(schema.properties), ["city", "since", "floor"])
      assert.sameMembers(schema.required, ["city", "since", "floor"])
      assert.strictEqual(schema.properties.since.type, "string")
    }).pipe(over([answer({ content: '{"city":"Turin","since":"2024-05-06T00:00:00.000Z","floor":3}' })]))
  )

  it.effect("adds the schema to a system message that is there", () =>
    Effect.gen(function* () {
      const prompt = Prompt.setSystem(Prompt.make("Where?"), "Be brief.")
      yield* LanguageModel.generateObject({ prompt, schema: Schema.Struct({ city: Schema.String }) })
      const [body] = yield* sentBodies
      assert.lengthOf(body.messages, 2)
      assert.match(body.messages[0].content, /^Be brief\.\n\nAnswer with one JSON value/)
      assert.notProperty(body, "response_format")
    }).pipe(over([answer({ content: '```json\n{"city":"Turin"}\n```' })], { jsonObject: false }))
  )

  it.effect.each<readonly [string, string]>([
    ["prose", "It is Turin."],
    ["JSON of another shape", '{"city":"Turin"}'],
    ["a value that the schema's checks refuse", '{"city":"Turin","since":"2024-05-06T00:00:00.000Z","floor":0}'],
    ["nothing", ""]
  ])("fails on a reply that is %s, and says what it was charged", ([, content]) =>
    Effect.gen(function* () {
      const error = yield* reasonOf(ask)
      assert.strictEqual(error.reason._tag, "StructuredOutputError")
      if (error.reason._tag !== "StructuredOutputError") return
      assert.strictEqual(error.reason.responseText, content)
      assert.include(error.message, "the reply was billed")
      assert.deepInclude(error.reason.metadata.assay, { error: "StructuredOutput", credits: "0.001", creditsHeld: "0" })
      assert.deepStrictEqual(error.reason.usage, { promptTokens: 35, completionTokens: 310, totalTokens: 345 })
      assert.strictEqual((yield* totals).settled, amount("0.001"))
      assert.lengthOf(yield* sentBodies, 1)
    }).pipe(over([answer({ content })]))
  )

  it.effect("tells a cut reply and a refusal from a wrong one", () =>
    Effect.gen(function* () {
      const cut = yield* reasonOf(ask)
      assert.include(cut.message, "cut at maxCompletionTokens")
      const refused = yield* reasonOf(ask)
      assert.strictEqual(refused.reason._tag, "ContentPolicyError")
      assert.include(refused.message, "I can't help with that.")
      assert.isFalse(refused.isRetryable)
    }).pipe(
      over([
        answer({ content: '{"city":"Tu', finishReason: "length" }),
        answer({ content: null, refusal: "I can't help with that." })
      ])
    )
  )

  it.effect("decodes with the services that the schema asks for", () => {
    class Gazetteer extends Context.Service<Gazetteer, { readonly country: string }>()("test/Gazetteer") {}
    const City = Schema.String.pipe(
      Schema.middlewareDecoding((decoded) =>
        Effect.flatMap(Gazetteer, ({ country }) =>
          Effect.map(
            decoded,
            Option.map((city) => `${city}, ${country}`)
          )
        )
      )
    )
    return Effect.gen(function* () {
      const { value } = yield* LanguageModel.generateObject({
        prompt: "Where?",
        schema: Schema.Struct({ city: City })
      })
      assert.deepStrictEqual(value, { city: "Turin, Italy" })
    }).pipe(Effect.provideService(Gazetteer, { country: "Italy" }), over([answer({ content: '{"city":"Turin"}' })]))
  })
})

describe("streamText", () => {
  it.effect("is refused before anything is sent, unless one reply as one delta will do", () =>
    Effect.gen(function* () {
      const error = yield* reasonOf(Stream.runCollect(LanguageModel.streamText({ prompt: "a" })))
      assert.strictEqual(error.reason._tag, "InvalidRequestError")
      assert.include(error.message, "nothing to stream")
      assert.lengthOf(yield* sentBodies, 0)
      assert.strictEqual((yield* totals).settled, 0n)
    }).pipe(over([]))
  )

  it.effect("gives the whole reply as one delta where that was asked for", () =>
    Effect.gen(function* () {
      const parts = Array.from(yield* Stream.runCollect(LanguageModel.streamText({ prompt: "a" })))
      assert.deepStrictEqual(
        parts.map(({ type }) => type),
        ["response-metadata", "text-start", "text-delta", "text-end", "finish"]
      )
      const [, , delta, , finish] = parts
      assert.deepInclude(delta, { delta: "forty-two" })
      assert.strictEqual(finish?.type === "finish" ? finish.metadata.assay?.credits : undefined, "0.001")
    }).pipe(over([answer({ content: "forty-two" })], { stream: "whole" }))
  )
})

describe("what core cannot do", () => {
  const Clock = Tool.make("clock", { success: Schema.String })
  const toolkit = Toolkit.make(Clock)

  it.effect("is refused before anything is sent: tools", () =>
    Effect.gen(function* () {
      const handled = yield* Effect.provide(toolkit, toolkit.toLayer({ clock: () => Effect.succeed("noon") }))
      const error = yield* reasonOf(LanguageModel.generateText({ prompt: "a", toolkit: handled }))
      assert.deepInclude(error.reason, { _tag: "InvalidRequestError", parameter: "toolkit" })
      assert.lengthOf(yield* sentBodies, 0)
    }).pipe(over([]))
  )

  it.effect("is refused before anything is sent: files and tool messages", () =>
    Effect.gen(function* () {
      const file = { type: "file", mediaType: "image/png", data: new Uint8Array([1]) } as const
      const withFile = yield* reasonOf(LanguageModel.generateText({ prompt: [{ role: "user", content: [file] }] }))
      assert.include(withFile.message, "file part")
      const result = { type: "tool-result", id: "1", name: "clock", result: "noon", isFailure: false } as const
      const withTool = yield* reasonOf(LanguageModel.generateText({ prompt: [{ role: "tool", content: [result] }] }))
      assert.include(withTool.message, "tool message")
      assert.lengthOf(yield* sentBodies, 0)
    }).pipe(over([]))
  )
})

describe("a failure", () => {
  const provider = "segmind"
  const credits = 1_500_000_000n
  const waiting = { retryable: true, credits: "0", held: "0" }
  const final = { retryable: false, credits: "0", held: "0" }
  const cases: ReadonlyArray<readonly [ModelError, string, typeof waiting & { readonly retryAfterMillis?: number }]> = [
    [new Unauthorized({ provider, reason: "no" }), "AuthenticationError", final],
    [new OutOfCredits({ provider, reason: "no" }), "QuotaExhaustedError", final],
    [new BudgetExceeded({ limit: 1n, spent: 1n, held: 0n, needed: 1n }), "QuotaExhaustedError", final],
    [new ModelRetired({ provider, model: "o1", siblings: ["o3"] }), "InvalidRequestError", final],
    [new RequestRejected({ provider, status: 400, reason: "no" }), "InvalidRequestError", final],
    [
      new RateLimited({ provider, attempts: 7, retryAfter: Duration.seconds(3) }),
      "RateLimitError",
      { ...waiting, retryAfterMillis: 3000 }
    ],
    [new ProviderFailed({ provider, status: 500, attempts: 3, reason: "no" }), "InternalProviderError", waiting],
    [
      new CircuitOpen({ provider, failures: 5, retryAfter: Duration.seconds(9), reason: "no" }),
      "InternalProviderError",
      { ...waiting, retryAfterMillis: 9000 }
    ],
    [new ProviderUnreachable({ provider, attempts: 5, reason: "no" }), "NetworkError", waiting],
    [
      new UnexpectedReply({ provider, attemptId: "a", charged: credits, reason: "no" }),
      "InvalidResponseError",
      { ...final, credits: "0.0015" }
    ],
    [
      new CallInDoubt({ provider, attemptId: "a", held: credits, reason: "no" }),
      "UnknownError",
      { ...final, held: "0.0015" }
    ],
    [new CallClaimed({ owner: "1", attemptId: "a" }), "UnknownError", final],
    [
      new BoundBreach({ provider, attemptId: "a", bound: 1n, charged: credits }),
      "UnknownError",
      { ...final, credits: "0.0015" }
    ],
    [new JournalFailed({ operation: "open", cause: "full" }), "UnknownError", final]
  ]

  it.each(cases)("that is $_tag becomes an AiError with its money", (error, tag, expected) => {
    const mapped = toAiError(error, "generateText")
    assert.strictEqual(mapped.reason._tag, tag)
    assert.strictEqual(mapped.isRetryable, expected.retryable)
    if (mapped.reason._tag === "NetworkError") return assert.strictEqual(mapped.reason.cause, error)
    const assay = "metadata" in mapped.reason ? mapped.reason.metadata["assay"] : undefined
    assert.deepInclude(assay, {
      error: error._tag,
      message: error.message,
      credits: expected.credits,
      creditsHeld: expected.held,
      retryAfterMillis: expected.retryAfterMillis ?? null
    })
    // It goes through logs and RPC as JSON.
    assert.doesNotThrow(() => JSON.stringify(mapped))
  })

  it.effect("of a call whose answer was lost is held, and not retryable", () =>
    Effect.gen(function* () {
      const call = yield* Effect.forkChild(Effect.result(LanguageModel.generateText({ prompt: "a" })))
      yield* TestClock.adjust("1 hour")
      const result = yield* Fiber.join(call)
      if (Result.isSuccess(result)) return assert.fail("it has no answer")
      assert.isFalse(result.failure.isRetryable)
      assert.include(result.failure.message, "unknown")
      const { held } = yield* totals
      assert.isTrue(held > 0n)
      assert.lengthOf(yield* sentBodies, 1)
    }).pipe(over([() => Effect.never]))
  )

  it.effect("of a rate limit says when to come back", () =>
    Effect.gen(function* () {
      const call = yield* Effect.forkChild(reasonOf(LanguageModel.generateText({ prompt: "a" })))
      yield* TestClock.adjust("1 hour")
      const error = yield* Fiber.join(call)
      assert.deepStrictEqual(error.retryAfter, Duration.seconds(60))
      assert.isTrue(error.isRetryable)
    }).pipe(over(() => json(429, { error: "slow down" }, { "retry-after": "60" })))
  )

  it.effect("of the budget comes before the call", () =>
    Effect.gen(function* () {
      const error = yield* reasonOf(LanguageModel.generateText({ prompt: "a" }))
      assert.strictEqual(error.reason._tag, "QuotaExhaustedError")
      if (error.reason._tag !== "QuotaExhaustedError") return
      assert.include(error.reason.metadata.assay?.message, "Stopped at the budget")
      assert.lengthOf(yield* sentBodies, 0)
    }).pipe(over([], {}, { limit: 1n }))
  )
})
