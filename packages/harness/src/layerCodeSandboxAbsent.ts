import { Effect, Layer } from "effect"
import { CodeSandbox } from "./CodeSandbox.ts"

/** @internal */
export const sandboxMissing =
  "Code is scored in @assay/sandbox, which is not installed here: npm install @assay/sandbox"

/** For programs without `@assay/sandbox`: code is not run, and its scores say why. */
export const layerCodeSandboxAbsent = Layer.succeed(CodeSandbox, {
  runFunctionTests: () => Effect.succeed({ _tag: "Unavailable", reason: sandboxMissing })
})
