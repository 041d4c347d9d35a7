import { Effect, Option } from "effect"
import { Argument, Command, Flag } from "effect/cli"
import { callFlags, readCallFlags } from "./flags.ts"

/** `assay resume`. */
export const resumeVerb = Command.make(
  "resume",
  {
    run: Argument.String("run").pipe(
      Argument.withDescription("The run's id or its beginning; the newest run by default"),
      Argument.optional
    ),
    budget: Flag.String("budget").pipe(
      Flag.withDescription("The run's new total in credits, what it has spent included (default: as before)"),
      Flag.withMetavar("TOTAL"),
      Flag.optional
    ),
    ...callFlags
  },
  Effect.fnUntraced(function* (flags) {
    const { resumeRun } = yield* Effect.promise(() => import("../work.ts"))
    yield* resumeRun({
      ...flags,
      ...readCallFlags(flags),
      run: Option.getOrUndefined(flags.run),
      budget: Option.getOrUndefined(flags.budget)
    })
  })
).pipe(
  Command.withDescription("Finish what a run has not finished; nothing that was answered is bought again"),
  Command.withExamples([
    { command: "assay resume", description: "The newest run" },
    { command: "assay resume k3f9x2ab --budget 1", description: "That run, with 1 credit in all" }
  ])
)
