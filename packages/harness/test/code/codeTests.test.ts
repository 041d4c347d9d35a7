import { describe, expect, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { codeTests, layerCodeSandbox } from "../../src/code.ts"
import { type FunctionTests, layerCodeSandboxAbsent } from "../../src/index.ts"
import { layerCodeSandboxScripted } from "../../src/testing.ts"

const target = {
  entry: "add",
  cases: [
    { arguments: [1, 2], expected: 3 },
    { arguments: [2, 2], expected: 4 }
  ]
}

const score = (output: string) =>
  Effect.suspend(() => {
    const result = codeTests().score({ sampleId: "s", input: {}, target, output })
    return Effect.isEffect(result) ? result : Effect.succeed(result)
  })

const source = "```ts\nconst add = (a: number, b: number) => a + b\n```"
const passing = { name: "case 1", passed: true, call: "(1, 2)", expected: "3", actual: "3" }
const failing = { name: "case 2", passed: false, call: "(2, 2)", expected: "4", actual: "5" }

describe("codeTests", () => {
  it.effect("gives the sandbox the source, its language, the entry and the cases", () => {
    const jobs: Array<FunctionTests> = []
    const sandbox = layerCodeSandboxScripted((job) => {
      jobs.push(job)
      return { _tag: "Ran", results: [passing, passing] }
    })
    return Effect.gen(function* () {
      const result = yield* score(source)
      expect(result).toMatchObject({ _tag: "Scored", value: 1, explanation: "All 2 cases pass." })
      expect(jobs).toMatchObject([
        { source: "const add = (a: number, b: number) => a + b", language: "typescript", ...target }
      ])
    }).pipe(Effect.provide(sandbox))
  })

  it.effect("scores the share of cases that pass and names the first that does not", () =>
    Effect.gen(function* () {
      expect(yield* score(source)).toEqual({
        _tag: "Scored",
        value: 0.5,
        explanation: "1 of 2 cases pass; add(2, 2) gave 5, not 4.",
        details: { from: "a fenced block that defines it", passed: 1, cases: 2, failing }
      })
    }).pipe(Effect.provide(layerCodeSandboxScripted(() => ({ _tag: "Ran", results: [passing, failing] }))))
  )

  it.effect("scores a program that was stopped zero, and one that could not be run not at all", () =>
    Effect.gen(function* () {
      const stopped = layerCodeSandboxScripted(() => ({ _tag: "Stopped", reason: "It loops." }))
      expect(yield* Effect.provide(score(source), stopped)).toMatchObject({ value: 0, explanation: "It loops." })
      const absent = yield* Effect.provide(score(source), layerCodeSandboxAbsent)
      expect(absent).toMatchObject({ _tag: "Unscored", reason: expect.stringContaining("npm install @assay/sandbox") })
    })
  )

  it.effect("scores an output without code zero, and asks no sandbox", () =>
    Effect.gen(function* () {
      expect(yield* score("I would add them.")).toMatchObject({
        value: 0,
        explanation: "The output has no code that defines add."
      })
    }).pipe(Effect.provide(layerCodeSandboxScripted(() => expect.fail("nothing to run"))))
  )
})

describe("layerCodeSandbox", () => {
  it.live(
    "runs right, wrong, broken and endless programs in the real sandbox",
    () =>
      Effect.gen(function* () {
        expect(yield* score(source)).toMatchObject({ value: 1 })
        expect(yield* score("```js\nconst add = (a, b) => a * b\n```")).toMatchObject({
          value: 0.5,
          explanation: "1 of 2 cases pass; add(1, 2) gave 2, not 3."
        })
        expect(yield* score("```js\nfunction add() { throw new Error('no') }\n```")).toMatchObject({
          value: 0,
          explanation: expect.stringContaining("gave an error:")
        })
        expect(yield* score("```js\nfunction add( {\n```")).toMatchObject({
          value: 0,
          explanation: expect.stringContaining("does not load")
        })
        expect(yield* score("```js\nfunction add() { for (;;) {} }\n```")).toMatchObject({
          value: 0,
          explanation: expect.stringContaining("took longer")
        })
      }).pipe(Effect.provide(Layer.fresh(layerCodeSandbox({ workers: 1 })))),
    30_000
  )
})
