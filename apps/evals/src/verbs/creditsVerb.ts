import { Effect, Option } from "effect"
import { Argument, Command, Flag } from "effect/cli"
import { baseUrlFlag, databaseFlag, jsonFlag } from "./flags.ts"

const resolveVerb = Command.make(
  "resolve",
  {
    call: Argument.String("run/attempt").pipe(Argument.withDescription("A held call, as `assay credits` names it")),
    charged: Flag.String("charged").pipe(
      Flag.withDescription("What it was charged, in credits"),
      Flag.withMetavar("CREDITS"),
      Flag.optional
    ),
    notCharged: Flag.Boolean("not-charged").pipe(
      Flag.withDescription("It was not charged, and its bound is free"),
      Flag.withDefault(false)
    ),
    database: databaseFlag,
    json: jsonFlag
  },
  Effect.fnUntraced(function* (flags) {
    const { resolveHeld } = yield* Effect.promise(() => import("../work.ts"))
    yield* resolveHeld({
      ...flags,
      charged: Option.getOrUndefined(flags.charged),
      database: Option.getOrUndefined(flags.database)
    })
  })
).pipe(Command.withDescription("Say what became of a held call; its completion may then be bought again"))

const accountFlags = {
  provider: Flag.String("provider").pipe(
    Flag.withDescription("Whose balance to ask for (default: segmind, when its key is set)"),
    Flag.withMetavar("NAME"),
    Flag.optional
  ),
  baseUrl: baseUrlFlag,
  database: databaseFlag,
  json: jsonFlag
}

const auditVerb = Command.make(
  "audit",
  accountFlags,
  Effect.fnUntraced(function* (flags) {
    const { auditHeld } = yield* Effect.promise(() => import("../work.ts"))
    yield* auditHeld({
      ...flags,
      provider: Option.getOrUndefined(flags.provider),
      baseUrl: Option.getOrUndefined(flags.baseUrl),
      database: Option.getOrUndefined(flags.database)
    })
  })
).pipe(Command.withDescription("Free or settle held calls where the account's balance proves what became of them"))

/** `assay credits`. */
export const creditsVerb = Command.make(
  "credits",
  accountFlags,
  Effect.fnUntraced(function* (flags) {
    const { showCredits } = yield* Effect.promise(() => import("../work.ts"))
    yield* showCredits({
      ...flags,
      provider: Option.getOrUndefined(flags.provider),
      baseUrl: Option.getOrUndefined(flags.baseUrl),
      database: Option.getOrUndefined(flags.database)
    })
  })
).pipe(
  Command.withDescription("Show the balance, what was spent on what, and calls whose charge is not known"),
  Command.withSubcommands([resolveVerb, auditVerb]),
  Command.withExamples([
    { command: "assay credits", description: "Balance, spend and held calls" },
    {
      command: "assay credits resolve k3f9x2ab/4c51 --not-charged",
      description: "Free a held call that was not charged"
    }
  ])
)
