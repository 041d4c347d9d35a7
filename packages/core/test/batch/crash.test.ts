import { assert, describe, it } from "@effect/vitest"
import { Deferred, Effect, Exit, Fiber, Layer, Redacted } from "effect"
import { TestClock } from "effect/testing"
import { type BatchReport, runBatch } from "../../src/batch.ts"
import { type CompletionRequest, Ledger, LedgerJournal, openAiCompatible } from "../../src/index.ts"
import { layerHttpScripted } from "../../src/testing.ts"
import { layerJournalMortal, makeProcess } from "./support/mortal.ts"
import { lineCost, playedBatches } from "./support/playedBatches.ts"

const provider = openAiCompatible(Redacted.make("sk-0123456789abcdef"), "http://provider.invalid", "openai")
const requests = Array.from(
  { length: 5 },
  (_, index): CompletionRequest => ({
    model: "o3-mini",
    messages: [{ role: "user", content: `question ${index}` }],
    maxCompletionTokens: 1000
  })
)
const options = { provider, limits: { lines: 2 }, batchesAtOnce: 2 }
const limit = 1_000_000_000_000n

/** One process: the batch over its own ledger, which opens the budget and so holds what a dead one has left. */
const runIn = (process: ReturnType<typeof makeProcess>) =>
  Effect.provide(runBatch(requests, options), Layer.provideMerge(Ledger.layer({ budget: "run", limit }), process.layer))

/** Runs a process that ends before its step `deadline`, and then another to its end; what the world has seen of both. */
const crash = (deadline: number, how: "kill" | "interrupt", visibleAfter: number) =>
  Effect.suspend(() => {
    const gateway = playedBatches({ visibleAfter })
    return Effect.gen(function* () {
      const journal = yield* LedgerJournal
      const covered = Effect.map(journal.totals("run"), ({ settled, reserved, held }) => {
        assert.isTrue(gateway.charged() <= settled + reserved + held, `step ${deadline}: a charge is always covered`)
        return { settled, reserved, held }
      })
      const first = makeProcess(deadline, how)
      // Detached, since a killed process must not run the finalizers that its end would call.
      const fiber = yield* Effect.forkDetach(runIn(first))
      const reached = yield* Effect.forkChild(Deferred.await(first.reached))
      for (
        let minute = 0;
        minute < 30 && reached.pollUnsafe() === undefined && fiber.pollUnsafe() === undefined;
        minute++
      ) {
        yield* TestClock.adjust("10 seconds")
        yield* covered
      }
      if (how === "interrupt") {
        yield* Fiber.interrupt(fiber)
        assert.strictEqual((yield* covered).reserved, 0n, `step ${deadline}: an interruption leaves nothing in flight`)
      }
      const left = yield* covered
      const second = makeProcess(0, "kill")
      const resumed = yield* Effect.forkChild(runIn(second))
      yield* TestClock.adjust("3 days")
      const exit = yield* Fiber.await(resumed)
      const totals = yield* covered
      if (Exit.isFailure(exit)) return yield* Effect.failCause(exit.cause)
      return { gateway, bound: left.reserved + left.held, report: exit.value, totals, steps: first.steps() }
    }).pipe(Effect.provide(Layer.merge(layerJournalMortal, layerHttpScripted(gateway.script))))
  })

const outputs = ({ results }: BatchReport) =>
  results.map((result) => (result._tag === "Completed" ? result.completion.output : result.error.message))
const questions = requests.map((_, index) => `question ${index}`)

describe("a batch whose process ends before any of its steps", () => {
  for (const how of ["kill", "interrupt"] as const) {
    for (const visibleAfter of [0, 20_000]) {
      it.effect(
        `goes on where it was, after ${how === "kill" ? "a kill" : "an interruption"}, in a list ${visibleAfter} ms late`,
        () =>
          Effect.gen(function* () {
            const whole = yield* crash(0, how, visibleAfter)
            assert.deepStrictEqual(outputs(whole.report), questions)
            assert.strictEqual(whole.totals.settled, 5n * lineCost, "the control: undisturbed, all is settled")
            assert.isAbove(whole.steps, 30, "the control: there are steps to die before")
            let boundBetween = 0
            for (let deadline = 1; deadline <= whole.steps; deadline++) {
              const { gateway, bound, report, totals } = yield* crash(deadline, how, visibleAfter)
              const at = `step ${deadline} of ${whole.steps}`
              assert.deepStrictEqual(outputs(report), questions, `${at}: every line has its answer`)
              const chunks = gateway.batches.map(({ metadata }) => metadata["assay_chunk"])
              assert.strictEqual(new Set(chunks).size, chunks.length, `${at}: no chunk has two batches`)
              const lines = gateway.batches.flatMap(({ lines }) => lines.map(({ custom_id }) => custom_id))
              assert.strictEqual(new Set(lines).size, lines.length, `${at}: no line is bought twice`)
              assert.strictEqual(gateway.charged(), 5n * lineCost, `${at}: each line is charged once`)
              assert.strictEqual(totals.reserved, 0n, `${at}: nothing is left in flight`)
              assert.strictEqual(totals.held, 0n, `${at}: what was held is resolved`)
              assert.strictEqual(totals.settled, 5n * lineCost, `${at}: what was charged is settled`)
              if (bound > 0n && gateway.charged() > 0n) boundBetween += 1
            }
            assert.isAbove(boundBetween, 10, "the control: many died with lines that may be in the provider's hands")
          }),
        120_000
      )
    }
  }
})
