import type { Stopped } from "./FunctionTests.ts"
import type { Json, NotJson } from "./Json.ts"
import type { Limits } from "./Limits.ts"

/** A program to run from top to end, with its promises and timers. */
export interface Program {
  readonly language: "javascript" | "typescript"
  readonly source: string
  readonly limits?: Partial<Limits>
}

/** `output` is the console text up to the end, whatever the end was; it is lost when the program had to be killed. */
export type ProgramOutcome = (
  | {
      readonly _tag: "Ran"
      /** The default export of a module, else the value of the last expression; a promise is awaited. */
      readonly result: Json | NotJson
      readonly durationMs: number
    }
  | { readonly _tag: "Threw"; readonly message: string; readonly durationMs: number }
  | Stopped
) & { readonly output: string }
