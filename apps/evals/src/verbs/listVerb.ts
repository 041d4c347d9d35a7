import { Effect, Option } from "effect"
import { Argument, Command, Flag } from "effect/cli"
import { databaseFlag, jsonFlag } from "./flags.ts"

/** `assay list`. */
export const listVerb = Command.make(
  "list",
  {
    what: Argument.Literals("list", ["runs", "suites"]).pipe(
      Argument.withDescription("runs (default) or suites"),
      Argument.withDefault("runs")
    ),
    limit: Flag.Int("limit").pipe(
      Flag.withAlias("n"),
      Flag.withDescription("How many runs at most (default: 20)"),
      Flag.withMetavar("N"),
      Flag.filter(
        (limit) => limit >= 1,
        () => "a number from 1"
      ),
      Flag.withDefault(20)
    ),
    database: databaseFlag,
    json: jsonFlag
  },
  Effect.fnUntraced(function* (flags) {
    const { listRuns, listSuites } = yield* Effect.promise(() => import("../work.ts"))
    const options = { ...flags, database: Option.getOrUndefined(flags.database) }
    yield* flags.what === "suites" ? listSuites(options) : listRuns(options)
  })
).pipe(
  Command.withDescription("List runs, newest first, or the project's suites"),
  Command.withExamples([
    { command: "assay list", description: "The newest runs" },
    { command: "assay list suites", description: "What can be run here" }
  ])
)
