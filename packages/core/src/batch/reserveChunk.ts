import { Clock, Effect, Random } from "effect"
import type { AdmitDecision, LedgerJournal } from "../LedgerJournal.ts"
import { BudgetExceeded, CallClaimed, CallInDoubt, type JournalFailed, type ModelError } from "../ModelError.ts"
import type { BatchLine } from "./BatchLine.ts"
import { attemptIdOf, type Chunk, type ChunkLine } from "./Chunk.ts"

/** Reservations that one transaction of the journal takes, so that a large batch does not keep others from it for long. */
const admissionSlice = 1000

/** What became of the lines that a chunk was to have. */
export interface ReservedChunk {
  /** Undefined when nothing could be reserved. */
  readonly chunk: Chunk | undefined
  /** Lines that may fit later, when calls in flight have ended; all from the first one that did not fit. */
  readonly left: ReadonlyArray<BatchLine>
  /** Lines that can never be bought as things are. */
  readonly refused: ReadonlyArray<{ readonly line: BatchLine; readonly error: ModelError }>
}

/** Reserves the bounds of lines, in order, as far as the budget goes. Durable when it returns; nothing has been sent. */
export const reserveChunk = (
  journal: LedgerJournal["Service"],
  budget: string,
  wanted: ReadonlyArray<BatchLine>
): Effect.Effect<ReservedChunk, JournalFailed> =>
  Effect.gen(function* () {
    const id = yield* nextChunkId
    const since = yield* Clock.currentTimeMillis
    const lines: Array<ChunkLine> = []
    const waiting: Array<BatchLine> = []
    const refused: Array<ReservedChunk["refused"][number]> = []
    let asked = 0
    while (asked < wanted.length && waiting.length === 0) {
      const slice = wanted.slice(asked, asked + admissionSlice)
      const entries = slice.map((line, index) => ({ line, attemptId: attemptIdOf(id, asked + index) }))
      const decisions = yield* journal.admit(
        entries.map(({ line: { call, bound }, attemptId }) => ({
          attemptId,
          budget,
          key: call.key,
          kind: call.request.kind ?? "answer",
          provider: call.provider.name,
          model: call.model.slug,
          bound,
          at: since
        }))
      )
      for (const [index, entry] of entries.entries()) {
        const decision = decisions[index]
        if (decision === undefined) return yield* Effect.die("the journal left a request undecided")
        if (decision._tag === "Admitted") lines.push(entry)
        else if (decision._tag === "Wait") waiting.push(entry.line)
        else refused.push({ line: entry.line, error: refusalOf(entry.line, decision) })
      }
      asked += slice.length
    }
    const chunk = lines.length === 0 ? undefined : { id, lines, since }
    return { chunk, left: [...waiting, ...wanted.slice(asked)], refused }
  })

/** 52 bits of chance in hex. */
const nextChunkId = Effect.map(Random.next, (share) =>
  Math.floor(share * 2 ** 52)
    .toString(16)
    .padStart(13, "0")
)

const refusalOf = (
  { call, bound }: BatchLine,
  decision: Exclude<AdmitDecision, { readonly _tag: "Admitted" | "Wait" }>
): ModelError => {
  switch (decision._tag) {
    case "Exhausted": {
      const { limit, settled, held } = decision.totals
      return new BudgetExceeded({ limit, spent: settled, held, needed: bound })
    }
    case "InDoubt":
      return new CallInDoubt({
        provider: call.provider.name,
        attemptId: decision.attemptId,
        held: decision.bound,
        reason: "an earlier call of the same completion never ended"
      })
    case "Claimed":
      return new CallClaimed({ owner: decision.owner, attemptId: decision.attemptId })
  }
}
