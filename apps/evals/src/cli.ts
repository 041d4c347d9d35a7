import { Command } from "effect/cli"
import { creditsVerb } from "./verbs/creditsVerb.ts"
import { doctorVerb } from "./verbs/doctorVerb.ts"
import { lintVerb } from "./verbs/lintVerb.ts"
import { listVerb } from "./verbs/listVerb.ts"
import { resumeVerb } from "./verbs/resumeVerb.ts"
import { runVerb } from "./verbs/runVerb.ts"
import { showVerb } from "./verbs/showVerb.ts"

/** The command line: one verb a file in `verbs`, each loading its work when it is asked for. */
export const cli = Command.make("assay").pipe(
  Command.withDescription("Regression-test prompts under a hard credit budget"),
  Command.withSubcommands([runVerb, resumeVerb, listVerb, showVerb, creditsVerb, lintVerb, doctorVerb])
)
