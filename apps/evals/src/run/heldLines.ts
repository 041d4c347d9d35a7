import { formatCredits, type HeldCall } from "@assay/core"
import { DateTime } from "effect"

/** More would scroll the table away; `assay show` has them all. */
const most = 8

/** What is held, call by call: its fate is unknown, so it may have been charged, and it is not sent again. */
export const heldLines = (held: ReadonlyArray<HeldCall>): ReadonlyArray<string> => {
  if (held.length === 0) return []
  const sum = held.reduce((total, { bound }) => total + bound, 0n)
  const calls = held.length === 1 ? "1 call" : `${held.length} calls`
  return [
    `held     ${formatCredits(sum)} credits for ${calls} without an end; each may have been charged and is not sent again`,
    ...held.slice(0, most).map(({ attemptId, bound, kind, model, reason, reservedAt }) => {
      const since = DateTime.formatIso(DateTime.makeUnsafe(reservedAt)).slice(0, 19)
      return `         attempt ${attemptId}  ${model} ${kind}  up to ${formatCredits(bound)}  since ${since}Z  ${reason}`
    }),
    ...(held.length > most ? [`         and ${held.length - most} more`] : [])
  ]
}
