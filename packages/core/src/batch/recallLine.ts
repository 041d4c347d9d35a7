import { Effect } from "effect"
import { completionOf } from "../internal/completionOf.ts"
import { decodeReply } from "../internal/decodeReply.ts"
import type { LedgerJournal } from "../LedgerJournal.ts"
import { type JournalFailed, UnexpectedReply } from "../ModelError.ts"
import type { BatchLine } from "./BatchLine.ts"
import type { BatchResult } from "./BatchReport.ts"

/** The result of a line that the budget has already paid for, and that is therefore not bought again; else undefined. */
export const recallLine = (
  journal: LedgerJournal["Service"],
  budget: string,
  { call }: BatchLine
): Effect.Effect<BatchResult | undefined, JournalFailed> =>
  Effect.map(journal.settledReply(budget, call.key), (settled) => {
    if (settled === undefined) return undefined
    const { request, provider } = call
    const decoded = decodeReply(settled.reply.body)
    if (decoded._tag === "Answer") {
      return { _tag: "Completed", request, completion: completionOf(decoded, { ...settled, attempts: 0 }) }
    }
    const { attemptId, charge } = settled
    const { reason } = decoded
    const error = new UnexpectedReply({ provider: provider.name, attemptId, charged: charge.amount, reason })
    return { _tag: "Failed", request, error }
  })
