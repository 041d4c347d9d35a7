import { formatCredits, type HeldCall } from "@assay/core"
import { sanitizeLine } from "@assay/tui/text"
import { DateTime } from "effect"
import { factLines } from "./factLines.ts"

/** More would scroll the table of a run away; `assay show` has them all. */
export const heldAfterRun = 8

/**
 * What is held, call by call, the first `most` of them: its fate is unknown, so it may have been charged, and it is not
 * sent again.
 */
export const heldLines = (
  held: ReadonlyArray<HeldCall>,
  { run, most, columns }: { readonly run: string; readonly most: number; readonly columns: number }
): ReadonlyArray<string> => {
  if (held.length === 0) return []
  const sum = held.reduce((total, { bound }) => total + bound, 0n)
  const calls = held.length === 1 ? "1 call" : `${held.length} calls`
  const about = `${formatCredits(sum)} credits for ${calls} without an end; each may have been charged and is not sent again`
  return [
    ...factLines("held", about, columns),
    ...held.slice(0, most).flatMap(({ attemptId, bound, kind, model, reason, reservedAt }) => {
      const since = DateTime.formatIso(DateTime.makeUnsafe(reservedAt)).slice(0, 19)
      const what = `attempt ${attemptId}  ${model} ${kind}  up to ${formatCredits(bound)}  since ${since}Z`
      return factLines("", `${what}  ${sanitizeLine(reason)}`, columns)
    }),
    ...(held.length > most ? factLines("", `and ${held.length - most} more: assay show ${run}`, columns) : [])
  ]
}
