import { Effect, Option } from "effect"
import { Argument, Command } from "effect/cli"
import { databaseFlag, jsonFlag } from "./flags.ts"

/** `assay lint`. */
export const lintVerb = Command.make(
  "lint",
  {
    suites: Argument.String("suite").pipe(
      Argument.withDescription("Suites by name, folder or file; all of the project by default"),
      Argument.variadic()
    ),
    database: databaseFlag,
    json: jsonFlag
  },
  Effect.fnUntraced(function* (flags) {
    const { lintSuites } = yield* Effect.promise(() => import("../work.ts"))
    yield* lintSuites({ ...flags, database: Option.getOrUndefined(flags.database) })
  })
).pipe(
  Command.withDescription("Say what a reasoning model's guide advises against in the prompts; sends nothing"),
  Command.withExamples([
    { command: "assay lint", description: "All prompts of the project, by file and line" },
    { command: "assay lint math --json", description: "One suite's findings, for a program" }
  ])
)
