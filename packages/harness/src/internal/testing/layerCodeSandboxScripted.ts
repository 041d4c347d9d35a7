import { Effect, Layer } from "effect"
import { CodeSandbox, type FunctionTests, type FunctionTestsResult } from "../../CodeSandbox.ts"

/** A sandbox that runs nothing and answers from a function of the job. */
export const layerCodeSandboxScripted = (answer: (job: FunctionTests) => FunctionTestsResult) =>
  Layer.succeed(CodeSandbox, { runFunctionTests: (job) => Effect.sync(() => answer(job)) })
