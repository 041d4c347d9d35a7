import { Effect, Option } from "effect"
import { Argument, Command, Flag } from "effect/cli"
import { callFlags, readCallFlags } from "./flags.ts"

/** `assay run`: its arguments and flags; the work is loaded when it is asked for. */
export const runVerb = Command.make(
  "run",
  {
    suites: Argument.String("suite").pipe(
      Argument.withDescription("Suites by name, folder or file; all of the project by default"),
      Argument.variadic()
    ),
    provider: Flag.String("provider").pipe(
      Flag.withDescription(
        "Where calls go: simulator, segmind, segmind-v2, openai or compatible (default: segmind with a key)"
      ),
      Flag.withMetavar("NAME"),
      Flag.optional
    ),
    budget: Flag.String("budget").pipe(
      Flag.withDescription("The most this run may spend, in credits (default: 0.50)"),
      Flag.withMetavar("CREDITS"),
      Flag.withDefault("0.50")
    ),
    limit: Flag.Int("limit").pipe(
      Flag.withAlias("n"),
      Flag.withDescription("Take only the first so many samples of each suite (default: all)"),
      Flag.withMetavar("N"),
      Flag.filter(
        (limit) => limit >= 1,
        () => "a number from 1"
      ),
      Flag.optional
    ),
    seed: Flag.Int("seed").pipe(
      Flag.withDescription("Repeats the order of a run, and the simulator's replies (default: drawn anew)"),
      Flag.withMetavar("N"),
      Flag.filter(
        (seed) => seed >= 0 && seed < 2 ** 31,
        () => "a number from 0 to 2147483647"
      ),
      Flag.optional
    ),
    ...callFlags
  },
  Effect.fnUntraced(function* (flags) {
    const { runSuites } = yield* Effect.promise(() => import("../work.ts"))
    yield* runSuites({
      ...flags,
      ...readCallFlags(flags),
      provider: Option.getOrUndefined(flags.provider),
      limit: Option.getOrUndefined(flags.limit),
      seed: Option.getOrUndefined(flags.seed)
    })
  })
).pipe(
  Command.withDescription("Run suites, score every output, and show pass rates and credits"),
  Command.withExamples([
    { command: "assay run", description: "All suites of the project" },
    {
      command: "assay run math --limit 5 --budget 0.05",
      description: "Five samples of one suite, for 0.05 credits at most"
    },
    { command: "assay run --provider simulator --seed 7", description: "Without a key, on the stand-in, repeatably" }
  ])
)
