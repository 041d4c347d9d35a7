import type { Json, NotJson } from "./Json.ts"
import type { Limits } from "./Limits.ts"

/** One call of the function under test. */
export interface FunctionCase {
  /** Default: "case 1", "case 2"… */
  readonly name?: string
  /** Made anew from JSON for every case, so a program that changes them spoils nothing. */
  readonly arguments: ReadonlyArray<Json>
  /** Never leaves the calling process. */
  readonly expected: Json
  /** Absolute, for every number in the result. Default 0. */
  readonly tolerance?: number
}

/** A program, the name of its function and the calls it is judged by. All cases share one fresh interpreter. */
export interface FunctionTests {
  readonly language: "javascript" | "typescript"
  readonly source: string
  /** A top-level declaration, an export (named or default), a property of module.exports or of the global object. */
  readonly entry: string
  readonly cases: ReadonlyArray<FunctionCase>
  readonly limits?: Partial<Limits>
}

/** What became of one case. `actual` is absent when the call threw; `error` says what was thrown. */
export interface CaseResult {
  readonly name: string
  readonly passed: boolean
  readonly arguments: ReadonlyArray<Json>
  readonly expected: Json
  readonly actual?: Json | NotJson
  readonly error?: string
}

/** The endings of a job that are not a result. All but `SandboxFailed` are the program's own doing. */
export type Stopped =
  /** The source has a syntax error, threw while loading, or does not define the entry. */
  | { readonly _tag: "LoadFailed"; readonly message: string }
  | { readonly _tag: "TimedOut"; readonly limitMs: number }
  | { readonly _tag: "OutOfMemory"; readonly limitBytes: number }
  | { readonly _tag: "OutputTooLarge"; readonly limitBytes: number }
  /** Our fault or the machine's: it says nothing about the program, which should be run again. */
  | { readonly _tag: "SandboxFailed"; readonly message: string }

/** `durationMs` is the wall time inside the sandbox: interpreter, loading and all cases. */
export type FunctionTestsOutcome =
  | { readonly _tag: "Ran"; readonly results: ReadonlyArray<CaseResult>; readonly durationMs: number }
  | Stopped
