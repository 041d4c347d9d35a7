import {
  type LoadedSuite,
  layerRunStoreMemory,
  makePlan,
  type RunRecord,
  RunStore,
  type StoreFailed
} from "@assay/harness"
import { runRecordOf, sampleRecordsOf, tinySuite } from "@assay/harness/testing"
import { Effect } from "effect"
import { describe, expect, it } from "vitest"
import { ownResults } from "../../src/lint/ownResults.ts"

const settings = (["low", "high"] as const).map((reasoningEffort) => ({
  model: "o3-mini",
  reasoningEffort,
  maxCompletionTokens: 1000
}))
const suite = tinySuite({ samples: 4, settings })
const hash = suite.variants[0]?.prompt.hash ?? ""

/** Runs a test's program on a store of its own. */
const withStore = (program: Effect.Effect<void, StoreFailed, RunStore>) =>
  Effect.runPromise(Effect.provide(program, layerRunStoreMemory))

/** Stores a run of the suite in which each variant passes so many of its four samples. */
const storeRun = (passes: ReadonlyArray<number>, fields: Partial<RunRecord>, ran: LoadedSuite = suite) =>
  Effect.gen(function* () {
    const store = yield* RunStore
    const plan = makePlan([ran], { seed: 1, limit: undefined })
    const run = runRecordOf(plan, { simulated: false, provider: "segmind", ...fields })
    yield* store.createRun(run, sampleRecordsOf(plan))
    for (const [index, variant] of ran.variants.entries()) {
      for (const [place, sample] of ran.samples.entries()) {
        const outcome = place < (passes[index] ?? 0) ? "passed" : "failed"
        yield* store.appendTrial(
          run.id,
          {
            suite: ran.name,
            variant: variant.name,
            sampleId: sample.id,
            trialIndex: 0,
            outcome,
            reason: undefined,
            attemptId: `${run.id}-${index}-${place}`,
            attempts: 1,
            output: "ok",
            finishReason: "stop",
            responseModel: undefined,
            systemFingerprint: undefined,
            promptTokens: undefined,
            completionTokens: undefined,
            reasoningTokens: undefined,
            cost: 0n,
            latencyMillis: 1,
            finishedAt: 0,
            scores: []
          },
          { hash: `${place}`, messages: [] }
        )
      }
    }
  })

const o3 = (reasoningEffort: "low" | "high", passes: number) => ({ model: "o3-mini", reasoningEffort, passes, n: 4 })

describe("ownResults", () => {
  it("takes each prompt's pass rates from the newest run that holds them", () =>
    withStore(
      Effect.gen(function* () {
        yield* storeRun([1, 2], { id: "older", createdAt: 1 })
        yield* storeRun([3, 4], { id: "newer", createdAt: 2 })
        const results = yield* ownResults(suite)
        expect(Array.from(results)).toEqual([[hash, [o3("low", 3), o3("high", 4)]]])
      })
    ))

  it("fills a setting that the newest run lacks from an older one", () =>
    withStore(
      Effect.gen(function* () {
        yield* storeRun([1, 2], { id: "older", createdAt: 1 })
        yield* storeRun([4], { id: "newer", createdAt: 2 }, { ...suite, variants: suite.variants.slice(1) })
        const results = yield* ownResults(suite)
        expect(results.get(hash)).toEqual([o3("high", 4), o3("low", 1)])
      })
    ))

  it("leaves out what says nothing of the suite as it is: simulated, cut short, other samples, other scorers", () =>
    withStore(
      Effect.gen(function* () {
        yield* storeRun([1, 2], { id: "simulated", simulated: true })
        yield* storeRun([1, 2], { id: "short", limit: 4 })
        yield* storeRun([1, 2], { id: "samples" }, { ...suite, samplesHash: "other" })
        yield* storeRun([1, 2], { id: "scorers" }, { ...suite, scorersHash: "other" })
        yield* storeRun([1, 2], { id: "suite" }, { ...suite, name: "other" })
        expect((yield* ownResults(suite)).size).toBe(0)
      })
    ))
})
