import { Effect } from "effect"
import type { Charge, Usage } from "../Completion.ts"
import { formatCredits } from "../Credits.ts"
import { chargeOf } from "../internal/chargeOf.ts"
import { completionOf } from "../internal/completionOf.ts"
import { decodeReply, readError } from "../internal/decodeReply.ts"
import type { AttemptClass, AttemptEnd, LedgerJournal, RawReply, Settlement } from "../LedgerJournal.ts"
import { CallInDoubt, type JournalFailed, RequestRejected, UnexpectedReply } from "../ModelError.ts"
import { LineNotRun } from "./BatchError.ts"
import { type BatchLine, halfPrice } from "./BatchLine.ts"
import type { BatchResult } from "./BatchReport.ts"
import type { ChunkLine } from "./Chunk.ts"
import type { LineResult } from "./readResults.ts"

/** When a chunk was sent and when its results came, in UTC milliseconds. */
export interface ChunkTimes {
  readonly sentAt: number
  readonly endedAt: number
}

/** Where the ends of a chunk's attempts are booked. */
export interface Book {
  readonly budget: string
  settle(settlement: Settlement): Effect.Effect<void, JournalFailed>
  release(end: AttemptEnd): Effect.Effect<void, JournalFailed>
  hold(end: AttemptEnd): Effect.Effect<void, JournalFailed>
}

/** The book of attempts that an earlier process left held: evidence resolves them, and without any they stay as they are. */
export const bookOfHolds = (journal: LedgerJournal["Service"], budget: string): Book => ({
  budget,
  settle: (settlement) => Effect.asVoid(journal.resolve(settlement.attemptId, { settlement })),
  release: ({ attemptId }) => Effect.asVoid(journal.resolve(attemptId, "not-charged")),
  hold: () => Effect.void
})

/**
 * Ends one line in the ledger by what the files say of it: an answer is settled from its usage at half price, what was
 * refused or never run is released, and what is in neither file is held, since it may have run.
 */
export const endLine = (
  book: Book,
  { line, attemptId }: ChunkLine,
  result: LineResult | undefined,
  times: ChunkTimes
): Effect.Effect<BatchResult, JournalFailed> => {
  const { call, bound } = line
  const { request } = call
  const provider = call.provider.name
  const end = attemptEnd(book, attemptId, times)
  const fail = (error: Extract<BatchResult, { readonly _tag: "Failed" }>["error"]): BatchResult => ({
    _tag: "Failed",
    request,
    error
  })

  if (result === undefined) {
    const reason = "its batch ended without a result for it"
    return Effect.as(
      book.hold({ ...end, class: "Ambiguous", reason }),
      fail(new CallInDoubt({ provider, attemptId, held: bound, reason }))
    )
  }
  if (result._tag === "NotRun") {
    const reason = `${result.code}: ${result.message}`
    return Effect.as(book.release({ ...end, class: "NotSent", reason }), fail(new LineNotRun({ provider, reason })))
  }
  const { status, body, requestId } = result
  const answered = { ...end, status, requestId }
  if (status !== 200) {
    const reason = readError(body)
    return Effect.as(
      book.release({ ...answered, class: status >= 500 ? "ServerError" : "Rejected", reason }),
      fail(new RequestRejected({ provider, status, reason }))
    )
  }

  const decoded = decodeReply(body)
  const charge = halfChargeOf(line, decoded.usage)
  if (decoded._tag === "Unusable" && charge.source === "bound") {
    const { reason } = decoded
    return Effect.as(
      book.hold({ ...answered, class: "Ambiguous", reason }),
      fail(new CallInDoubt({ provider, attemptId, held: bound, reason }))
    )
  }
  const reply: RawReply = { status, headers: requestId === undefined ? {} : { "x-request-id": requestId }, body }
  const unusable = decoded._tag === "Unusable" ? decoded.reason : undefined
  const attemptClass: AttemptClass = unusable === undefined ? "Answered" : "BilledUseless"
  return book.settle({ ...answered, class: attemptClass, reason: unusable, charge, reply }).pipe(
    Effect.tap(() => (charge.amount > bound ? warnOfBreach(line, charge) : Effect.void)),
    Effect.as(
      decoded._tag === "Unusable"
        ? fail(new UnexpectedReply({ provider, attemptId, charged: charge.amount, reason: decoded.reason }))
        : {
            _tag: "Completed",
            request,
            completion: completionOf(decoded, {
              attemptId,
              attempts: 1,
              charge,
              reply,
              latencyMillis: end.latencyMillis
            })
          }
    )
  )
}

/** What is known of every attempt of a chunk, however it ended. */
export const attemptEnd = (
  book: Pick<Book, "budget">,
  attemptId: string,
  { sentAt, endedAt }: ChunkTimes
): Omit<AttemptEnd, "class" | "reason"> => ({
  attemptId,
  budget: book.budget,
  number: 1,
  status: undefined,
  requestId: undefined,
  sentAt,
  latencyMillis: endedAt - sentAt
})

/** Files of batches state no cost, so it is always usage × half the price. */
const halfChargeOf = ({ call, bound }: BatchLine, usage: Usage | undefined): Charge => {
  const full = chargeOf({}, usage, call)
  if (full.source === "bound") return { amount: bound, source: "bound", held: 0n }
  const amount = halfPrice(full.amount)
  return { amount, source: full.source, held: full.held > 0n && amount < bound ? bound - amount : 0n }
}

const warnOfBreach = ({ call, bound }: BatchLine, { amount }: Charge) =>
  Effect.logWarning(
    `${call.provider.name} charged ${formatCredits(amount)} credits for a line of a batch to ${call.model.slug} that was ` +
      `bounded by ${formatCredits(bound)}: the budget holds only as far as the bounds do.`
  )
