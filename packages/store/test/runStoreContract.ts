import { RunStore } from "@assay/harness"
import { assert, describe, it } from "@effect/vitest"
import { Effect, type Layer } from "effect"
import { aPrompt, aRun, aSample, aScore, aTrial, someSamples } from "./records.ts"

/** What every `RunStore` does. `layer` gives an empty store each time it is built. */
export const runStoreContract = <E>(name: string, layer: Layer.Layer<RunStore, E>) => {
  const withRun = <A, F>(use: (store: RunStore["Service"]) => Effect.Effect<A, F>) =>
    Effect.gen(function* () {
      const store = yield* RunStore
      yield* store.createRun(aRun(), someSamples)
      return yield* use(store)
    }).pipe(Effect.provide(layer))

  const failureOf = <A, F>(effect: Effect.Effect<A, F>) => Effect.map(Effect.flip(effect), String)

  describe(`${name} as a RunStore`, () => {
    it.effect("gives back a run as it was written", () =>
      withRun((store) =>
        Effect.gen(function* () {
          assert.deepStrictEqual(yield* store.findRun("run00001"), aRun())
          assert.deepStrictEqual(yield* store.listRuns(5), [aRun()])
        })
      )
    )

    it.effect("finds a run by the beginning of its id, and the newest without one", () =>
      withRun((store) =>
        Effect.gen(function* () {
          yield* store.createRun(aRun({ id: "run00002", createdAt: 9_000 }), someSamples)
          yield* store.createRun(aRun({ id: "other001", createdAt: 11_000 }), someSamples)
          assert.strictEqual((yield* store.findRun("run00002"))?.id, "run00002")
          assert.strictEqual((yield* store.findRun("run"))?.id, "run00001")
          assert.strictEqual((yield* store.findRun())?.id, "other001")
          assert.strictEqual(yield* store.findRun("run%"), undefined)
          assert.deepStrictEqual(
            (yield* store.listRuns(2)).map(({ id }) => id),
            ["other001", "run00001"]
          )
        })
      )
    )

    it.effect("takes the same run twice, and refuses another one under its id", () =>
      withRun((store) =>
        Effect.gen(function* () {
          yield* store.createRun(aRun(), someSamples)
          assert.strictEqual((yield* store.listRuns(5)).length, 1)
          const failure = yield* failureOf(store.createRun(aRun({ seed: 8 }), someSamples))
          assert.include(failure, "another run is called run00001")
        })
      )
    )

    it.effect("keeps how a run ended, and opens it again with a new budget", () =>
      withRun((store) =>
        Effect.gen(function* () {
          yield* store.finishRun("run00001", "out-of-budget", 30_000)
          assert.deepStrictEqual(yield* store.findRun(), aRun({ status: "out-of-budget", finishedAt: 30_000 }))
          yield* store.reopenRun("run00001", 9n)
          assert.deepStrictEqual(yield* store.findRun(), aRun({ budget: 9n }))
        })
      )
    )

    it.effect("refuses to reopen or finish a run that is not there", () =>
      withRun((store) =>
        Effect.gen(function* () {
          assert.include(yield* failureOf(store.reopenRun("absent", 1n)), "there is no run absent")
          assert.include(yield* failureOf(store.finishRun("absent", "completed", 1)), "there is no run absent")
        })
      )
    )

    it.effect("gives back a trial with its scores, sample and prompt", () =>
      withRun((store) =>
        Effect.gen(function* () {
          yield* store.appendTrial("run00001", aTrial(), aPrompt())
          assert.deepStrictEqual(yield* store.sampleTrials("run00001", "jars"), [
            { trial: aTrial(), sample: aSample("math", "jars"), prompt: aPrompt() }
          ])
        })
      )
    )

    it.effect("gives back a trial that has nothing but a reason", () =>
      withRun((store) =>
        Effect.gen(function* () {
          const bare = aTrial({
            outcome: "unscored",
            reason: "simulator could not be reached.",
            attemptId: undefined,
            attempts: 7,
            output: undefined,
            finishReason: undefined,
            responseModel: undefined,
            systemFingerprint: undefined,
            promptTokens: undefined,
            completionTokens: undefined,
            reasoningTokens: undefined,
            cost: 0n,
            latencyMillis: undefined,
            scores: []
          })
          yield* store.appendTrial("run00001", bare, aPrompt())
          assert.deepStrictEqual(yield* store.failures("run00001", 5), [bare])
        })
      )
    )

    it.effect("keeps the first outcome of a trial", () =>
      withRun((store) =>
        Effect.gen(function* () {
          yield* store.appendTrial("run00001", aTrial(), aPrompt())
          yield* store.appendTrial("run00001", aTrial({ outcome: "failed", output: "85" }), aPrompt("another"))
          const stored = yield* store.sampleTrials("run00001", "jars")
          assert.deepStrictEqual(
            stored.map(({ trial }) => trial),
            [aTrial()]
          )
        })
      )
    )

    it.effect("replaces an outcome that was unscored, with its scores", () =>
      withRun((store) =>
        Effect.gen(function* () {
          const unscored = aTrial({ outcome: "unscored", scores: [aScore({ value: undefined, passed: false })] })
          yield* store.appendTrial("run00001", unscored, aPrompt())
          assert.deepStrictEqual(yield* store.failures("run00001", 5), [unscored])
          const failed = aTrial({ outcome: "failed", scores: [aScore({ value: 0, passed: false })] })
          yield* store.appendTrial("run00001", failed, aPrompt())
          yield* store.appendTrial("run00001", aTrial(), aPrompt())
          assert.deepStrictEqual(yield* store.failures("run00001", 5), [failed])
        })
      )
    )

    it.effect("refuses a trial of a variant, sample or run that is not planned, and keeps the others", () =>
      withRun((store) =>
        Effect.gen(function* () {
          const append = (trial: ReturnType<typeof aTrial>, run = "run00001") =>
            Effect.exit(store.appendTrial(run, trial, aPrompt()))
          const exits = yield* Effect.all(
            [
              append(aTrial()),
              append(aTrial({ variant: "absent" })),
              append(aTrial({ sampleId: "absent" })),
              append(aTrial(), "absent"),
              append(aTrial({ trialIndex: 1 }))
            ],
            { concurrency: "unbounded" }
          )
          assert.deepStrictEqual(
            exits.map(({ _tag }) => _tag),
            ["Success", "Failure", "Failure", "Failure", "Success"]
          )
          assert.strictEqual((yield* store.trialOutcomes("run00001")).length, 2)
        })
      )
    )

    it.effect("orders the trials of a sample by variant and index, over all suites that have it", () =>
      withRun((store) =>
        Effect.gen(function* () {
          const keys = [
            ["coding", "plain", 0],
            ["math", "structured", 0],
            ["math", "plain", 1],
            ["math", "plain", 0]
          ] as const
          for (const [suite, variant, trialIndex] of keys) {
            yield* store.appendTrial("run00001", aTrial({ suite, variant, trialIndex }), aPrompt())
          }
          const stored = yield* store.sampleTrials("run00001", "jars")
          assert.deepStrictEqual(
            stored.map(({ trial, sample }) => [sample.suite, trial.variant, trial.trialIndex]),
            keys.toReversed().map((key) => [...key])
          )
        })
      )
    )

    it.effect("lists failures oldest first, up to the limit, and outcomes of all", () =>
      withRun((store) =>
        Effect.gen(function* () {
          const later = aTrial({ outcome: "failed", trialIndex: 1, finishedAt: 300 })
          const earlier = aTrial({ outcome: "unscored", sampleId: "crates", finishedAt: 200 })
          yield* store.appendTrial("run00001", later, aPrompt())
          yield* store.appendTrial("run00001", earlier, aPrompt())
          yield* store.appendTrial("run00001", aTrial({ finishedAt: 100 }), aPrompt())
          assert.deepStrictEqual(yield* store.failures("run00001", 5), [earlier, later])
          assert.deepStrictEqual(yield* store.failures("run00001", 1), [earlier])
          const outcomes = yield* store.trialOutcomes("run00001")
          assert.sameDeepMembers(Array.from(outcomes), [
            { suite: "math", variant: "plain", sampleId: "jars", trialIndex: 1, outcome: "failed" },
            { suite: "math", variant: "plain", sampleId: "crates", trialIndex: 0, outcome: "unscored" },
            { suite: "math", variant: "plain", sampleId: "jars", trialIndex: 0, outcome: "passed" }
          ])
        })
      )
    )

    it.effect("adds up every variant, those without a trial too", () =>
      withRun((store) =>
        Effect.gen(function* () {
          yield* store.appendTrial("run00001", aTrial({ cost: 3n, latencyMillis: 10 }), aPrompt())
          yield* store.appendTrial(
            "run00001",
            aTrial({ trialIndex: 1, outcome: "failed", cost: 4n, latencyMillis: 40 }),
            aPrompt()
          )
          yield* store.appendTrial(
            "run00001",
            aTrial({ sampleId: "crates", outcome: "unscored", cost: 0n, latencyMillis: undefined }),
            aPrompt()
          )
          yield* store.appendTrial("run00001", aTrial({ variant: "structured", latencyMillis: 7, cost: 1n }), aPrompt())
          const rest = { passed: 0, failed: 0, unscored: 0, cost: 0n, medianLatencyMillis: undefined }
          assert.deepStrictEqual(yield* store.totals("run00001"), [
            {
              suite: "math",
              variant: "plain",
              planned: 4,
              passed: 1,
              failed: 1,
              unscored: 1,
              cost: 7n,
              medianLatencyMillis: 25
            },
            { ...rest, suite: "math", variant: "structured", planned: 4, passed: 1, cost: 1n, medianLatencyMillis: 7 },
            { ...rest, suite: "coding", variant: "plain", planned: 1 }
          ])
        })
      )
    )

    it.effect("keeps any text and any JSON as they are", () =>
      withRun((store) =>
        Effect.gen(function* () {
          const output = '“quotes” \u0000 \n 🫙 \' " \\ {"choices":[]}'
          const details = { list: [1, null, "🫙"], nested: { empty: {} } }
          const trial = aTrial({ output, scores: [aScore({ explanation: output, details })] })
          yield* store.appendTrial("run00001", trial, aPrompt(output))
          const [stored] = yield* store.sampleTrials("run00001", "jars")
          assert.deepStrictEqual(stored?.trial, trial)
          assert.deepStrictEqual(stored?.prompt, aPrompt(output))
        })
      )
    )
  })
}
