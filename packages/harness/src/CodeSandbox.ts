import { Context, type Effect, type Schema } from "effect"

/** What a call of a candidate's function is given, and what it must give back, as JSON. */
export interface FunctionCase {
  readonly name?: string
  readonly arguments: ReadonlyArray<Schema.Json>
  readonly expected: Schema.Json
  /** How far a number may be off; 0 by default. */
  readonly tolerance?: number
}

/** Model-written source and the hidden cases that its function `entry` must pass. */
export interface FunctionTests {
  readonly language: "javascript" | "typescript"
  readonly source: string
  readonly entry: string
  readonly cases: ReadonlyArray<FunctionCase>
}

export interface FunctionCaseResult {
  readonly name: string
  readonly passed: boolean
  /** The call, the expected and the actual value as text, clipped. */
  readonly call: string
  readonly expected: string
  readonly actual: string
}

/** `Stopped` is the program's fault: it did not load, took too long, or used too much. */
export type FunctionTestsResult =
  | { readonly _tag: "Ran"; readonly results: ReadonlyArray<FunctionCaseResult> }
  | { readonly _tag: "Stopped"; readonly reason: string }
  | { readonly _tag: "Unavailable"; readonly reason: string }

/**
 * Where model-written code runs, never in this process. `@assay/harness/code` has the layer over `@assay/sandbox`;
 * `layerCodeSandboxAbsent` stands in where that optional package is not installed.
 */
export class CodeSandbox extends Context.Service<
  CodeSandbox,
  {
    /** Never fails: what goes wrong is in the result. */
    runFunctionTests(job: FunctionTests): Effect.Effect<FunctionTestsResult>
  }
>()("harness/CodeSandbox") {}
