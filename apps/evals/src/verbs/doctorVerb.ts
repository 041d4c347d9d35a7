import { Effect, Option } from "effect"
import { Command, Flag } from "effect/cli"
import { baseUrlFlag, databaseFlag, jsonFlag } from "./flags.ts"

/** `assay doctor`. */
export const doctorVerb = Command.make(
  "doctor",
  {
    probe: Flag.Boolean("probe").pipe(
      Flag.withDescription("Also buy six small calls, after consent, to learn what the provider does with money"),
      Flag.withDefault(false)
    ),
    yes: Flag.Boolean("yes").pipe(
      Flag.withAlias("y"),
      Flag.withDescription("Consent to the probe's cost without being asked"),
      Flag.withDefault(false)
    ),
    provider: Flag.String("provider").pipe(
      Flag.withDescription("Which provider to look at (default: segmind, when its key is set)"),
      Flag.withMetavar("NAME"),
      Flag.optional
    ),
    model: Flag.String("model").pipe(
      Flag.withDescription("Which model to probe (default: o3-mini)"),
      Flag.withMetavar("SLUG"),
      Flag.withDefault("o3-mini")
    ),
    wait: Flag.Int("wait").pipe(
      Flag.withDescription("How long to wait for the charge of a call that was given up, in seconds (default: 120)"),
      Flag.withMetavar("SECONDS"),
      Flag.filter(
        (seconds) => seconds >= 0 && seconds <= 3600,
        () => "a number from 0 to 3600"
      ),
      Flag.withDefault(120)
    ),
    baseUrl: baseUrlFlag,
    database: databaseFlag,
    json: jsonFlag
  },
  Effect.fnUntraced(function* (flags) {
    const { runDoctor } = yield* Effect.promise(() => import("../work.ts"))
    yield* runDoctor({
      ...flags,
      provider: Option.getOrUndefined(flags.provider),
      baseUrl: Option.getOrUndefined(flags.baseUrl),
      database: Option.getOrUndefined(flags.database)
    })
  })
).pipe(
  Command.withDescription("Check the installation and the provider for free, and probe what it does with money"),
  Command.withExamples([
    { command: "assay doctor", description: "Free checks, each with its fix" },
    { command: "assay doctor --probe", description: "Six small calls; says what they may cost and asks first" }
  ])
)
