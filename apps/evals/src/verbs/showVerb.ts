import { Effect, Option } from "effect"
import { Argument, Command } from "effect/cli"
import { databaseFlag, jsonFlag } from "./flags.ts"

/** `assay show`. */
export const showVerb = Command.make(
  "show",
  {
    what: Argument.String("run[/sample]").pipe(
      Argument.withDescription(
        "A run's id or its beginning, and the id of one of its samples; the newest run by default"
      ),
      Argument.optional
    ),
    database: databaseFlag,
    json: jsonFlag
  },
  Effect.fnUntraced(function* (flags) {
    const { showRun } = yield* Effect.promise(() => import("../work.ts"))
    yield* showRun({
      ...flags,
      what: Option.getOrUndefined(flags.what),
      database: Option.getOrUndefined(flags.database)
    })
  })
).pipe(
  Command.withDescription("Show a run's table and failures, or why one sample passed or failed"),
  Command.withExamples([
    { command: "assay show", description: "The newest run" },
    { command: "assay show k3f9/math-001-tank", description: "One sample: prompt, output, target and scores" }
  ])
)
