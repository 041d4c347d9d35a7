import type { Completion } from "@assay/core"
import { describe, expect, it } from "@effect/vitest"
import { Effect, Fiber } from "effect"
import { TestClock } from "effect/testing"
import { layerCodeSandboxAbsent, type Score, type Scorer, scored, scoreOutput, unscored, zero } from "../src/index.ts"
import { completion, tinySuite } from "../src/testing.ts"

const scorer = (name: string, score: () => unknown, fields: Partial<Scorer> = {}): Scorer => ({
  name,
  version: 1,
  options: {},
  score: score as () => Score,
  ...fields
})
const gives = (name: string, value: number, fields: Partial<Scorer> = {}) =>
  scorer(name, () => scored({ value, explanation: `${name} gave ${value}` }), fields)

const judge = (scorers: ReadonlyArray<Scorer>, fields: Partial<Completion> = {}) => {
  const suite = tinySuite({ samples: 1, scorers })
  const [sample] = suite.samples
  if (sample === undefined) throw new Error("the suite has no sample")
  return scoreOutput(suite, sample, completion(fields)).pipe(Effect.provide(layerCodeSandboxAbsent))
}

describe("scoreOutput", () => {
  it.effect("passes when every required scorer gives at least its passAt", () =>
    Effect.gen(function* () {
      const judgement = yield* judge([
        gives("whole", 1),
        gives("half", 0.5, { passAt: 0.5 }),
        gives("optional", 0, { required: false })
      ])
      expect(judgement).toMatchObject({ outcome: "passed", reason: undefined })
      expect(judgement.scores.map(({ scorer: name, passed }) => [name, passed])).toEqual([
        ["whole", true],
        ["half", true],
        ["optional", false]
      ])
    })
  )

  it.effect("fails with the words of the first required scorer that gives less", () =>
    Effect.gen(function* () {
      const scorers = [gives("optional", 0, { required: false }), gives("almost", 0.99), gives("none", 0)]
      expect(yield* judge(scorers)).toMatchObject({ outcome: "failed", reason: "almost gave 0.99" })
      expect(yield* judge([gives("half", 0.49, { passAt: 0.5 })])).toMatchObject({ outcome: "failed" })
    })
  )

  it.effect("is unscored when a required scorer has no score, and not when an optional one has none", () =>
    Effect.gen(function* () {
      const none = scorer("judge", () => unscored("no budget"))
      expect(yield* judge([gives("zero", 0), none])).toMatchObject({ outcome: "unscored", reason: "no budget" })
      const optional = { ...none, required: false }
      expect(yield* judge([gives("whole", 1), optional])).toMatchObject({
        outcome: "passed",
        scores: [{ value: 1 }, { scorer: "judge", value: undefined, passed: false, explanation: "no budget" }]
      })
    })
  )

  it.effect("shows a scorer the sample and the output, and keeps all of its score", () =>
    Effect.gen(function* () {
      const seen: Array<unknown> = []
      const looking: Scorer = {
        ...gives("looks", 1),
        version: 7,
        score: (judged) => {
          seen.push(judged)
          return zero("why", { line: 1 })
        }
      }
      const { scores } = yield* judge([looking], { output: " the output " })
      expect(seen).toEqual([
        { sampleId: "sample-1", input: { question: "question 1" }, target: "ok", output: " the output " }
      ])
      expect(scores).toEqual([
        { scorer: "looks", version: 7, value: 0, passed: false, explanation: "why", details: { line: 1 } }
      ])
    })
  )

  it.effect.each<[string, Partial<Completion>, string]>([
    ["refused", { refusal: "I will not." }, "The model refused: I will not."],
    ["cut before any text", { output: "", finishReason: "length" }, "token limit before any text"],
    ["cut in its middle", { output: "It is 4", finishReason: "length" }, "token limit after 7 characters"],
    ["filtered", { output: "", finishReason: "content_filter" }, "content filter"],
    ["empty", { output: " \n" }, "The answer is empty."]
  ])("scores an answer that is %s zero with its reason, and asks no scorer", ([, fields, reason]) =>
    Effect.gen(function* () {
      const judgement = yield* judge([scorer("never", () => expect.fail("it was asked"))], fields)
      expect(judgement).toMatchObject({ outcome: "failed", scores: [{ value: 0, passed: false }] })
      expect(judgement.reason).toContain(reason)
    })
  )

  it.effect.each<[string, () => unknown]>([
    [
      "throws",
      () => {
        throw new Error("broken")
      }
    ],
    ["dies", () => Effect.die(new Error("broken"))],
    ["fails against its type", () => Effect.fail("broken")],
    ["gives nothing", () => undefined],
    ["gives a promise", () => Promise.resolve(scored({ value: 1, explanation: "" }))],
    ["gives no number", () => scored({ value: Number.NaN, explanation: "" })],
    ["gives more than 1", () => scored({ value: 1.01, explanation: "" })],
    ["gives less than 0", () => scored({ value: -1, explanation: "" })],
    ["has no JSON to show", () => scored({ value: 1, explanation: "", details: { count: 1n } })]
  ])("leaves a trial unscored whose scorer %s", ([, score]) =>
    Effect.gen(function* () {
      const judgement = yield* judge([scorer("bad", score)])
      expect(judgement).toMatchObject({ outcome: "unscored", scores: [{ scorer: "bad", value: undefined }] })
      expect(judgement.reason).toContain("The scorer bad ")
    })
  )

  it.effect("waits for a scorer that is an effect, but not for ever", () =>
    Effect.gen(function* () {
      const slow = scorer("slow", () => Effect.delay(Effect.succeed(zero("late")), "4 minutes"))
      const stuck = scorer("stuck", () => Effect.never, { required: false })
      const judging = yield* Effect.forkChild(judge([slow, stuck]))
      yield* TestClock.adjust("8 minutes")
      expect(judging.pollUnsafe()).toBeUndefined()
      yield* TestClock.adjust("1 minute")
      expect(yield* Fiber.join(judging)).toMatchObject({
        outcome: "failed",
        reason: "late",
        scores: [{ value: 0 }, { value: undefined, explanation: "The scorer stuck took longer than 5 minutes." }]
      })
    })
  )
})
