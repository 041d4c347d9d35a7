import { assert, describe, it } from "@effect/vitest"
import { Effect, Exit, Fiber, Layer, Redacted } from "effect"
import { TestClock } from "effect/testing"
import { type BatchOptions, type BatchProgress, type BatchResult, cancelBatches, runBatch } from "../../src/batch.ts"
import { type CompletionRequest, Ledger, LedgerJournal, openAiCompatible, simulator } from "../../src/index.ts"
import { HttpScript, json, layerHttpScripted } from "../../src/testing.ts"
import { layerJournalMortal } from "./support/mortal.ts"
import { type Fate, lineCost, type PlayedOptions, playedBatches } from "./support/playedBatches.ts"

const provider = openAiCompatible(Redacted.make("sk-0123456789abcdef"), "http://provider.invalid", "openai")

const ask = (content: string, fields: Partial<CompletionRequest> = {}): CompletionRequest => ({
  model: "o3-mini",
  messages: [{ role: "user", content }],
  maxCompletionTokens: 1000,
  ...fields
})
const asks = (count: number) => Array.from({ length: count }, (_, index) => ask(`question ${index}`))

const amply = 1_000_000_000_000n

/** Runs a batch against a played provider for three days of virtual time. */
const play = Effect.fnUntraced(function* (
  requests: ReadonlyArray<CompletionRequest>,
  played: PlayedOptions = {},
  { limit = amply, ...options }: Partial<BatchOptions> & { readonly limit?: bigint } = {}
) {
  const gateway = playedBatches(played)
  return yield* Effect.gen(function* () {
    const fiber = yield* Effect.forkChild(runBatch(requests, { provider, ...options }))
    yield* TestClock.adjust("3 days")
    const exit = yield* Fiber.await(fiber)
    const { totals } = yield* Ledger
    const journal = yield* LedgerJournal
    const sent = yield* (yield* HttpScript).requests
    return { gateway, exit, totals: yield* totals, held: yield* journal.held("run"), sent }
  }).pipe(
    Effect.provide(
      Ledger.layer({ budget: "run", limit }).pipe(
        Layer.provideMerge(layerJournalMortal),
        Layer.provideMerge(layerHttpScripted(gateway.script))
      )
    )
  )
})

const resultsOf = <E>(exit: Exit.Exit<{ readonly results: ReadonlyArray<BatchResult> }, E>) =>
  Exit.isSuccess(exit) ? exit.value.results : assert.fail(String(exit.cause))

const tell = (result: BatchResult) => (result._tag === "Completed" ? result.completion.output : result.error._tag)

describe("a batch", () => {
  it.effect("brings one completion a request, in their order, at half the price of its usage", () =>
    Effect.gen(function* () {
      const { exit, totals, gateway, held } = yield* play(asks(5))
      const results = resultsOf(exit)
      assert.deepStrictEqual(results.map(tell), ["question 0", "question 1", "question 2", "question 3", "question 4"])
      for (const result of results) {
        if (result._tag !== "Completed") continue
        assert.deepStrictEqual(result.completion.charge, { amount: lineCost, source: "usage", held: 0n })
        assert.strictEqual(result.completion.attempts, 1)
      }
      assert.deepStrictEqual(totals, { limit: amply, settled: 5n * lineCost, reserved: 0n, held: 0n })
      assert.strictEqual(gateway.batches.length, 1)
      assert.deepStrictEqual(held, [])
    })
  )

  it.effect("names run and chunk in its metadata, and sends nothing that batches do not take", () =>
    Effect.gen(function* () {
      const { gateway, sent } = yield* play([ask("one", { reasoningEffort: "low", seed: 7 })])
      const [batch] = gateway.batches
      assert.strictEqual(batch?.metadata["assay_run"], "run")
      assert.match(batch?.metadata["assay_chunk"] ?? "", /^[0-9a-f]{13}$/)
      const [line] = batch?.lines ?? []
      assert.match(line?.custom_id ?? "", /^[0-9a-f]{32}-0$/)
      assert.deepStrictEqual(line?.body, {
        model: "o3-mini",
        messages: [{ role: "user", content: "one" }],
        reasoning_effort: "low",
        max_completion_tokens: 1000,
        seed: 7
      } as never)
      const [upload] = sent
      assert.match(upload?.headers["content-type"] ?? "", /^multipart\/form-data; boundary=assay-/)
      for (const { headers } of sent) {
        assert.strictEqual(headers["authorization"], "Bearer sk-0123456789abcdef")
        assert.notProperty(headers, "traceparent")
      }
    })
  )

  it.effect("buys one line for two requests that ask for the same, and two for two trials", () =>
    Effect.gen(function* () {
      const same = [ask("a"), ask("a"), ask("a", { trialIndex: 1 })]
      const { exit, gateway, totals } = yield* play(same)
      assert.deepStrictEqual(resultsOf(exit).map(tell), ["a", "a", "a"])
      assert.strictEqual(gateway.batches[0]?.lines.length, 2)
      assert.strictEqual(totals.settled, 2n * lineCost)
    })
  )

  const fates: ReadonlyArray<readonly [Fate, string, bigint, boolean]> = [
    ["answered", "it", lineCost, false],
    ["twice", "it", lineCost, false],
    ["missing", "CallInDoubt", 0n, true],
    ["rejected", "RequestRejected", 0n, false],
    ["expired", "LineNotRun", 0n, false],
    ["unreadable", "UnexpectedReply", lineCost, false]
  ]
  it.effect.each(fates)("%s: a line is told as %s", ([fate, expected, settled, isHeld]) =>
    Effect.gen(function* () {
      const { exit, totals, held, gateway } = yield* play([ask("it"), ask("other")], {
        fateOf: (content) => (content === "it" ? fate : "answered")
      })
      assert.deepStrictEqual(resultsOf(exit).map(tell), [expected, "other"])
      assert.strictEqual(totals.settled, settled + lineCost)
      assert.strictEqual(totals.held > 0n, isHeld)
      assert.strictEqual(held.length, isHeld ? 1 : 0)
      assert.strictEqual(totals.reserved, 0n)
      assert.isTrue(gateway.charged() <= totals.settled + totals.held)
    })
  )

  it.effect("that the provider finds invalid costs nothing, and stops the batches after it", () =>
    Effect.gen(function* () {
      const { exit, totals, gateway } = yield* play(
        asks(4),
        { ending: "failed" },
        { limits: { lines: 2 }, batchesAtOnce: 1 }
      )
      const results = resultsOf(exit)
      assert.deepStrictEqual(results.map(tell), [
        "BatchRejected",
        "BatchRejected",
        "RequestRejected",
        "RequestRejected"
      ])
      const [first] = results
      assert.match(
        first?._tag === "Failed" ? first.error.message : "",
        /The file is bad\. Nothing of it was run or charged\./
      )
      assert.deepStrictEqual(totals, { limit: amply, settled: 0n, reserved: 0n, held: 0n })
      assert.strictEqual(gateway.batches.length, 1)
    })
  )

  it.effect("tells how it stands at every look", () =>
    Effect.gen(function* () {
      const seen: Array<BatchProgress> = []
      yield* play(asks(3), {}, { onProgress: (progress) => Effect.sync(() => seen.push(progress)) })
      assert.deepStrictEqual(
        seen.map(({ status, completed, total }) => [status, completed, total]),
        [
          ["in_progress", 0, 3],
          ["in_progress", 0, 3],
          ["completed", 3, 3]
        ]
      )
    })
  )

  it.effect("is refused for a provider without batches, before anything is reserved or sent", () =>
    Effect.gen(function* () {
      const segmind = simulator(Redacted.make("SG_0123456789abcdef"), "http://provider.invalid")
      const { exit, sent, totals } = yield* play(asks(1), {}, { provider: segmind })
      assert.isTrue(Exit.isFailure(exit) && String(exit.cause).includes("Segmind's protocol has no batches"))
      assert.deepStrictEqual([sent.length, totals.reserved], [0, 0n])
    })
  )

  it.effect("tells what cannot be sent as a result of its own", () =>
    Effect.gen(function* () {
      const { exit } = yield* play([ask("a"), ask("b", { maxCompletionTokens: 0 }), ask("c", { model: "o9" })])
      assert.deepStrictEqual(resultsOf(exit).map(tell), ["a", "RequestRejected", "RequestRejected"])
    })
  )
})

describe("chunks", () => {
  it.effect("keep to the limits of lines, of bytes in and of bytes out, and to one model", () =>
    Effect.gen(function* () {
      const sizes = (played: ReturnType<typeof playedBatches>) => played.batches.map(({ lines }) => lines.length)
      assert.deepStrictEqual(sizes((yield* play(asks(7), {}, { limits: { lines: 3 } })).gateway), [3, 3, 1])
      const line = (yield* play(asks(1))).gateway.files.get("file-0") ?? ""
      const bytes = 2 * (Buffer.byteLength(line) + 1)
      assert.deepStrictEqual(sizes((yield* play(asks(5), {}, { limits: { inputBytes: bytes } })).gateway), [2, 2, 1])
      const output = 2 * (1200 + 4 * 1000)
      assert.deepStrictEqual(sizes((yield* play(asks(5), {}, { limits: { outputBytes: output } })).gateway), [2, 2, 1])
      const mixed = [ask("a"), ask("b", { model: "o3" }), ask("c")]
      assert.deepStrictEqual(sizes((yield* play(mixed)).gateway), [2, 1])
    })
  )

  it.effect("follow one another when the budget cannot carry them together, and never pass it", () =>
    Effect.gen(function* () {
      const bound = 2_300_000_000n
      const { exit, gateway, totals } = yield* play(asks(6), {}, { limit: 2n * bound + bound / 2n })
      assert.deepStrictEqual(new Set(resultsOf(exit).map((result) => result._tag)), new Set(["Completed"]))
      assert.isAbove(gateway.batches.length, 1)
      assert.isTrue(totals.settled <= totals.limit)
    })
  )

  it.effect("leave out what the budget can never carry, and say so", () =>
    Effect.gen(function* () {
      const { exit, totals } = yield* play(
        [ask("a"), ask("b", { maxCompletionTokens: 100_000 })],
        {},
        { limit: 3_000_000_000n }
      )
      assert.deepStrictEqual(resultsOf(exit).map(tell), ["a", "BudgetExceeded"])
      assert.strictEqual(totals.settled, lineCost)
    })
  )
})

const isCreate = ({ method, url }: { readonly method: string; readonly url: string }) =>
  method === "POST" && url.endsWith("/v1/batches")

describe("an answer that is lost", () => {
  it.effect("of a creation that had happened is found in the list, and nothing is made twice", () =>
    Effect.gen(function* () {
      let lost = 0
      const { exit, gateway, totals } = yield* play(asks(3), {
        visibleAfter: 20_000,
        lose: (request) => (isCreate(request) && lost++ === 0 ? "after" : undefined)
      })
      assert.strictEqual(gateway.batches.length, 1)
      assert.deepStrictEqual(new Set(resultsOf(exit).map((result) => result._tag)), new Set(["Completed"]))
      assert.strictEqual(totals.settled, gateway.charged())
    })
  )

  it.effect("of a creation that had not happened is tried again after a look at the list", () =>
    Effect.gen(function* () {
      let lost = 0
      const { gateway, exit } = yield* play(asks(3), {
        lose: (request) => (isCreate(request) && lost++ === 0 ? "before" : undefined)
      })
      assert.strictEqual(gateway.batches.length, 1)
      assert.deepStrictEqual(new Set(resultsOf(exit).map((result) => result._tag)), new Set(["Completed"]))
    })
  )

  it.effect("of every creation leaves the lines held, and says how to go on", () =>
    Effect.gen(function* () {
      const { gateway, exit, totals, held } = yield* play(asks(3), {
        lose: (request) => (isCreate(request) ? "before" : undefined)
      })
      assert.strictEqual(gateway.batches.length, 0)
      const [first] = resultsOf(exit)
      assert.match(first?._tag === "Failed" ? first.error.message : "", /stays held; run the same batch again to go on/)
      assert.strictEqual(held.length, 3)
      assert.isTrue(totals.held > 0n)
    })
  )

  it.effect("of any other request is asked for again", () =>
    Effect.gen(function* () {
      const { gateway, exit } = yield* play(asks(3), {
        lose: (request, index) => (!isCreate(request) && index % 2 === 0 ? "after" : undefined)
      })
      assert.strictEqual(gateway.batches.length, 1)
      assert.deepStrictEqual(new Set(resultsOf(exit).map((result) => result._tag)), new Set(["Completed"]))
    })
  )
})

describe("a refusal", () => {
  it.effect("of the upload, or of the batch, frees what was reserved", () =>
    Effect.gen(function* () {
      for (const path of ["/v1/files", "/v1/batches"]) {
        const { exit, totals } = yield* play(asks(2), {
          instead: ({ method, url }) =>
            method === "POST" && url.endsWith(path) ? json(400, { error: { message: "No." } }) : undefined
        })
        assert.deepStrictEqual(resultsOf(exit).map(tell), ["BatchRejected", "BatchRejected"])
        assert.deepStrictEqual(totals, { limit: amply, settled: 0n, reserved: 0n, held: 0n })
      }
    })
  )

  it.effect("of the key never shows the key", () =>
    Effect.gen(function* () {
      const { exit, totals } = yield* play(asks(1), {
        instead: () => json(401, { error: { message: "Incorrect API key provided: sk-0123456789abcdef" } })
      })
      assert.deepStrictEqual(resultsOf(exit).map(tell), ["Unauthorized"])
      assert.notInclude(JSON.stringify(resultsOf(exit)), "sk-0123456789abcdef")
      assert.strictEqual(totals.reserved + totals.held, 0n)
    })
  )
})

describe("cancelling", () => {
  it.effect("ends the run's batches; the run that waits for them settles what had been executed", () =>
    Effect.gen(function* () {
      const gateway = playedBatches({
        takes: 3_600_000,
        fateOf: (content) => (content === "question 0" ? "answered" : "expired")
      })
      const { exit, count, totals } = yield* Effect.gen(function* () {
        const fiber = yield* Effect.forkChild(runBatch(asks(3), { provider }))
        yield* TestClock.adjust("10 minutes")
        const count = yield* cancelBatches({ provider, run: "run" })
        yield* TestClock.adjust("3 hours")
        return { exit: yield* Fiber.await(fiber), count, totals: yield* (yield* Ledger).totals }
      }).pipe(
        Effect.provide(
          Ledger.layer({ budget: "run", limit: amply }).pipe(
            Layer.provideMerge(layerJournalMortal),
            Layer.provideMerge(layerHttpScripted(gateway.script))
          )
        )
      )
      assert.strictEqual(count, 1)
      assert.deepStrictEqual(resultsOf(exit).map(tell), ["question 0", "LineNotRun", "LineNotRun"])
      assert.deepStrictEqual(totals, { limit: amply, settled: lineCost, reserved: 0n, held: 0n })
    })
  )
})
