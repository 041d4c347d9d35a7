import { Effect } from "effect"
import { CodeSandbox, type FunctionCase, type FunctionCaseResult } from "../CodeSandbox.ts"
import { scored, unscored, zero } from "../Score.ts"
import type { Scorer } from "../Scorer.ts"
import { extractCode } from "./extractCode.ts"

/** A function that the model has to write, and the hidden cases that it must pass. */
export interface CodeTarget {
  readonly entry: string
  readonly cases: ReadonlyArray<FunctionCase>
}

/**
 * Runs the function that an output defines on the target's cases, in a WebAssembly sandbox. The score is the share of
 * cases passed, and the explanation names the first that failed.
 */
export const codeTests = (): Scorer<unknown, CodeTarget> => ({
  name: "codeTests",
  version: 1,
  options: {},
  score: ({ output, target }) => {
    const code = extractCode(output, target.entry)
    if (code === undefined) return zero(`The output has no code that defines ${target.entry}.`)
    return Effect.gen(function* () {
      const sandbox = yield* CodeSandbox
      const result = yield* sandbox.runFunctionTests({ ...code, entry: target.entry, cases: target.cases })
      switch (result._tag) {
        case "Unavailable":
          return unscored(result.reason)
        case "Stopped":
          return zero(result.reason, { from: code.from })
        case "Ran":
          return judge(target.entry, result.results, code.from)
      }
    })
  }
})

const judge = (entry: string, results: ReadonlyArray<FunctionCaseResult>, from: string) => {
  const passed = results.filter((result) => result.passed).length
  const failing = results.find((result) => !result.passed)
  const details = { from, passed, cases: results.length, ...(failing === undefined ? {} : { failing }) }
  if (failing === undefined) {
    return scored({ value: 1, explanation: `All ${results.length} cases pass.`, details })
  }
  const { call, actual, expected } = failing
  return scored({
    value: passed / results.length,
    explanation: `${passed} of ${results.length} cases pass; ${entry}${call} gave ${actual}, not ${expected}.`,
    details
  })
}
