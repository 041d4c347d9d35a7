import { Clock, DateTime, Effect, Latch, Result, Semaphore } from "effect"
import { HttpClient } from "effect/http"
import type { CompletionRequest } from "../CompletionRequest.ts"
import { Ledger } from "../Ledger.ts"
import { LedgerJournal } from "../LedgerJournal.ts"
import { type JournalFailed, RequestRejected, type Unauthorized } from "../ModelError.ts"
import { resolveCall } from "../resolveCall.ts"
import { type BatchUnreachable, BatchUnsupported } from "./BatchError.ts"
import { type BatchLine, lineOf } from "./BatchLine.ts"
import type { BatchOptions } from "./BatchOptions.ts"
import type { BatchReport, BatchResult } from "./BatchReport.ts"
import { type BatchObject, makeBatchRoutes, type RouteError } from "./batchRoutes.ts"
import { batchSupport } from "./batchSupport.ts"
import { buyChunk, type Restore } from "./buyChunk.ts"
import { type Chunk, chunksOf } from "./Chunk.ts"
import { type Book, bookOfHolds } from "./endLine.ts"
import { fillChunk } from "./fillChunk.ts"
import { recallLine } from "./recallLine.ts"
import { reserveChunk } from "./reserveChunk.ts"

/** How often the budget is asked again while calls that end unheard by this batch, in flight, have what it needs. */
const budgetPoll = "1 second"

/**
 * Puts requests to a model in batches, at half price, and waits until all have ended: minutes to a day.
 *
 * The bound of every line is reserved, durably, before its file leaves; lines that the budget cannot carry together go one
 * batch after another. A batch is made once: whoever comes after a crash finds what was made by the journal's holds and
 * the provider's list, and goes on. What this budget has already paid for is not bought again.
 *
 * Each request gets a result of its own; a batch that fails fails its own lines, and no further one is made. Interrupting
 * holds the lines of batches that are made (the provider goes on with them, and the next `runBatch` fetches them) and
 * frees the others. The run is the ledger's budget. Latencies are those of whole batches.
 */
export const runBatch: (
  requests: ReadonlyArray<CompletionRequest>,
  options: BatchOptions
) => Effect.Effect<
  BatchReport,
  BatchUnsupported | BatchUnreachable | Unauthorized | JournalFailed,
  Ledger | LedgerJournal | HttpClient.HttpClient
> = Effect.fn("runBatch")(function* (requests: ReadonlyArray<CompletionRequest>, options: BatchOptions) {
  const ledger = yield* Ledger
  const journal = yield* LedgerJournal
  const { provider, batchesAtOnce = 4, listGrace = "1 minute" } = options
  const { pollInterval = "30 seconds", patience = "26 hours", onProgress = () => Effect.void } = options
  const run = ledger.budget
  const routes = makeBatchRoutes(yield* HttpClient.HttpClient, provider)
  const follow = { routes, provider: provider.name, run, pollInterval, patience, listGrace, onProgress }

  const today = DateTime.formatIsoDateUtc(DateTime.makeUnsafe(yield* Clock.currentTimeMillis))
  const { asked, lineByKey } = yield* resolveLines(requests, options, today)
  const results = new Map<string, BatchResult>()
  const fail = ({ call }: BatchLine, error: Failure) =>
    results.set(call.key, { _tag: "Failed", request: call.request, error })

  let stoppedBy: RouteError | undefined
  const buy = (chunk: Chunk, purchase: { book: Book; known: BatchObject | undefined; restore: Restore }) =>
    Effect.map(buyChunk(chunk, { ...follow, ...purchase }), (outcome) => {
      if (outcome._tag === "Ended") {
        for (const [{ call }, result] of outcome.results) results.set(call.key, result)
        return
      }
      stoppedBy ??= outcome.error
      for (const { line } of chunk.lines) fail(line, outcome.error)
    })

  for (const line of lineByKey.values()) {
    const recalled = yield* recallLine(journal, run, line)
    if (recalled !== undefined) results.set(line.call.key, recalled)
  }

  const held = (yield* journal.held(run)).filter(({ key }) => !results.has(key))
  const earlier = chunksOf(held, lineByKey)
  if (earlier.length > 0) {
    const since = Math.min(...earlier.map((chunk) => chunk.since))
    let made = yield* routes.listRun(run, since)
    if (earlier.some(({ id }) => !made.has(id))) {
      // The last request of the process that died may still be on its way.
      yield* Effect.sleep(listGrace)
      made = yield* routes.listRun(run, since)
    }
    const book = bookOfHolds(journal, run)
    yield* Effect.forEach(
      earlier,
      (chunk) => Effect.uninterruptibleMask((restore) => buy(chunk, { book, known: made.get(chunk.id), restore })),
      { concurrency: batchesAtOnce, discard: true }
    )
  }

  let queue: ReadonlyArray<BatchLine> = Array.from(lineByKey.values()).filter(({ call }) => !results.has(call.key))
  const turn = yield* Semaphore.make(1)
  const freed = yield* Latch.make(false)
  /** Reserves the next batch; waits, in turn, while calls in flight may still free enough. */
  const take = (restore: Restore) =>
    turn.withPermit(
      Effect.gen(function* () {
        while (queue.length > 0 && stoppedBy === undefined) {
          const { taken, left } = fillChunk(queue, options.limits)
          freed.closeUnsafe()
          const reserved = yield* reserveChunk(journal, run, taken)
          for (const { line, error } of reserved.refused) fail(line, error)
          queue = [...reserved.left, ...left]
          if (reserved.chunk !== undefined) return reserved.chunk
          if (reserved.left.length > 0) yield* restore(Effect.timeoutOption(freed.await, budgetPoll))
        }
        return undefined
      })
    )
  // Nothing may come between a reservation and the one who ends it.
  const buyNew = Effect.uninterruptibleMask((restore) =>
    Effect.gen(function* () {
      for (let chunk = yield* take(restore); chunk !== undefined; chunk = yield* take(restore)) {
        yield* Effect.tap(buy(chunk, { book: ledger, known: undefined, restore }), freed.open)
      }
    })
  )
  yield* Effect.forEach(Array.from({ length: batchesAtOnce }), () => buyNew, {
    concurrency: "unbounded",
    discard: true
  })

  for (const line of queue) {
    const reason = `an earlier batch failed. ${stoppedBy?.message ?? ""}`
    fail(line, new RequestRejected({ provider: provider.name, status: 0, reason }))
  }
  const told = asked.map(({ request, key, error }): BatchResult | undefined => {
    if (error !== undefined) return { _tag: "Failed", request, error }
    const result = results.get(key)
    return result === undefined ? undefined : { ...result, request }
  })
  const complete = told.filter((result) => result !== undefined)
  if (complete.length !== requests.length) return yield* Effect.die("a request has no result")
  return { results: complete }
})

type Failure = Extract<BatchResult, { readonly _tag: "Failed" }>["error"]

interface Asked {
  readonly request: CompletionRequest
  readonly key: string
  readonly error: RequestRejected | undefined
}

/** All requests with what they buy; requests that buy the same share one line. Fails where the model has no batches. */
const resolveLines = (requests: ReadonlyArray<CompletionRequest>, options: BatchOptions, today: string) =>
  Effect.gen(function* () {
    const { provider } = options
    const models = options.models === undefined ? {} : { models: options.models }
    const lineByKey = new Map<string, BatchLine>()
    const asked: Array<Asked> = []
    for (const request of requests) {
      const resolved = resolveCall(request, { providers: [provider], ...models })
      if (Result.isFailure(resolved)) {
        asked.push({ request, key: "", error: resolved.failure })
        continue
      }
      const { key, model } = resolved.success
      const support = batchSupport(provider, model, today)
      if (support._tag === "Unsupported") {
        return yield* new BatchUnsupported({ provider: provider.name, model: model.slug, reason: support.reason })
      }
      asked.push({ request, key, error: undefined })
      if (!lineByKey.has(key)) lineByKey.set(key, lineOf(resolved.success))
    }
    return { asked, lineByKey }
  })
