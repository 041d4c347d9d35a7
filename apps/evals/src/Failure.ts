import { sanitizeLine } from "@assay/tui/text"
import { Schema } from "effect"
import type { ExitCode } from "./ExitCode.ts"

/** Something a person has to know or do, in five parts: what, why, what was kept or charged, and one fix to paste. */
export class Failure extends Schema.TaggedError<Failure>()("Failure", {
  /** Stable, so that it can be searched for. */
  code: Schema.String,
  what: Schema.String,
  why: Schema.UndefinedOr(Schema.String),
  kept: Schema.UndefinedOr(Schema.String),
  fix: Schema.UndefinedOr(Schema.String),
  exit: Schema.Int
}) {
  override get message() {
    return this.what
  }
}

/** A failure with only the parts that say something. */
export const failure = (parts: {
  readonly code: string
  readonly what: string
  readonly why?: string | undefined
  readonly kept?: string | undefined
  readonly fix?: string | undefined
  readonly exit: ExitCode
}): Failure =>
  new Failure({
    code: parts.code,
    what: parts.what,
    why: parts.why,
    kept: parts.kept,
    fix: parts.fix,
    exit: parts.exit
  })

/** The lines of a failure, for stderr. A part may quote a provider, so none can move the cursor or break its line. */
export const failureLines = ({ code, what, why, kept, fix }: Failure): ReadonlyArray<string> => [
  `error[${code}]: ${sanitizeLine(what)}`,
  ...(why === undefined ? [] : [`  why:  ${sanitizeLine(why)}`]),
  ...(kept === undefined ? [] : [`  kept: ${sanitizeLine(kept)}`]),
  ...(fix === undefined ? [] : [`  fix:  ${sanitizeLine(fix)}`])
]
