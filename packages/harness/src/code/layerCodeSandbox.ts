import type { CaseResult, FunctionTestsOutcome, Sandbox } from "@assay/sandbox"
import { Effect, Layer } from "effect"
import { CodeSandbox, type FunctionTestsResult } from "../CodeSandbox.ts"
import { sandboxMissing } from "../layerCodeSandboxAbsent.ts"

/** Longer values say no more to a person. */
const longestValue = 120

/**
 * Runs code in `@assay/sandbox`, an optional package that is loaded at the first job; its host processes live as long as
 * the layer. Without the package scores say how to install it.
 */
export const layerCodeSandbox = (options: { readonly workers?: number } = {}) =>
  Layer.effect(
    CodeSandbox,
    Effect.gen(function* () {
      let sandbox: Promise<Sandbox> | undefined
      const open = (): Promise<Sandbox> => {
        sandbox ??= import("@assay/sandbox").then(
          ({ createSandbox }) => createSandbox({ workers: options.workers ?? 2 }),
          (cause: unknown) => Promise.reject(new Error(sandboxMissing, { cause }))
        )
        return sandbox
      }
      yield* Effect.addFinalizer(() =>
        Effect.promise(async () => {
          if (sandbox !== undefined) await (await sandbox).close()
        }).pipe(Effect.ignoreCause)
      )
      return CodeSandbox.of({
        runFunctionTests: (job) =>
          Effect.tryPromise(async () => (await open()).runFunctionTests(job)).pipe(
            // A host that died under a hostile neighbour says nothing about this program: it runs once more.
            Effect.repeat({ times: 1, while: (outcome) => outcome._tag === "SandboxFailed" }),
            Effect.map(toResult),
            Effect.catch(({ cause }) =>
              Effect.succeed(unavailable(cause instanceof Error ? cause.message : String(cause)))
            )
          )
      })
    })
  )

const unavailable = (reason: string): FunctionTestsResult => ({ _tag: "Unavailable", reason })

const toResult = (outcome: FunctionTestsOutcome): FunctionTestsResult => {
  switch (outcome._tag) {
    case "Ran":
      return { _tag: "Ran", results: outcome.results.map(describe) }
    case "LoadFailed":
      return { _tag: "Stopped", reason: `The program does not load: ${outcome.message}` }
    case "TimedOut":
      return { _tag: "Stopped", reason: `The program took longer than ${outcome.limitMs} ms.` }
    case "OutOfMemory":
      return { _tag: "Stopped", reason: `The program needed more than ${outcome.limitBytes} bytes of memory.` }
    case "OutputTooLarge":
      return { _tag: "Stopped", reason: `The program printed more than ${outcome.limitBytes} bytes.` }
    case "SandboxFailed":
      return unavailable(`The sandbox failed, which is not the program's fault: ${outcome.message}`)
  }
}

const describe = (result: CaseResult) => ({
  name: result.name,
  passed: result.passed,
  call: `(${result.arguments.map(show).join(", ")})`,
  expected: show(result.expected),
  actual: result.error === undefined ? show(result.actual) : `an error: ${clip(result.error)}`
})

const show = (value: unknown): string => clip(JSON.stringify(value) ?? "nothing")

const clip = (text: string): string => (text.length > longestValue ? `${text.slice(0, longestValue - 1)}…` : text)
