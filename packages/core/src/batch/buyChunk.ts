import { type Cause, Clock, Effect, Exit, Option } from "effect"
import type { JournalFailed } from "../ModelError.ts"
import type { BatchLine } from "./BatchLine.ts"
import type { BatchResult } from "./BatchReport.ts"
import type { BatchObject, RouteError } from "./batchRoutes.ts"
import type { Chunk, ChunkLine } from "./Chunk.ts"
import { attemptEnd, type Book, endLine } from "./endLine.ts"
import { type Following, type FollowOptions, followChunk } from "./followChunk.ts"

/** What became of a whole chunk: results line by line, or one error that all of its lines share. */
export type ChunkOutcome =
  | { readonly _tag: "Ended"; readonly results: ReadonlyArray<readonly [BatchLine, BatchResult]> }
  | { readonly _tag: "Failed"; readonly error: RouteError }

/** Makes an effect interruptible again, inside a region that is not. */
export type Restore = <A, E, R>(effect: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>

/** How many lines are ended at a time: enough for the journal to commit them together. */
const endsAtOnce = 64

/**
 * Follows a chunk to its end and ends each of its lines in the book, whatever happens: an error or an interruption holds
 * the lines of a batch that is, or may be, made, and releases the others. It is for an uninterruptible region, which has to
 * begin before the chunk is reserved; only what follows the chunk is restored.
 */
export const buyChunk = (
  chunk: Chunk,
  options: FollowOptions & {
    readonly book: Book
    readonly known: BatchObject | undefined
    readonly restore: Restore
  }
): Effect.Effect<ChunkOutcome, JournalFailed> =>
  Effect.gen(function* () {
    const { book, known, restore } = options
    const following: Following = { handedOver: known !== undefined }
    const exit = yield* Effect.exit(restore(followChunk(chunk, known, following, options)))
    const times = { sentAt: chunk.since, endedAt: yield* Clock.currentTimeMillis }
    if (Exit.isSuccess(exit)) {
      const end = (entry: ChunkLine) =>
        Effect.map(
          endLine(book, entry, exit.value.get(entry.line.customId), times),
          (result) => [entry.line, result] as const
        )
      return { _tag: "Ended", results: yield* Effect.forEach(chunk.lines, end, { concurrency: endsAtOnce }) }
    }
    const error = Option.getOrUndefined(Exit.findErrorOption(exit))
    const reason = error?.message ?? "interrupted"
    const leave = ({ attemptId }: ChunkLine) => {
      const end = { ...attemptEnd(book, attemptId, times), reason }
      return following.handedOver
        ? book.hold({ ...end, class: "Ambiguous" })
        : book.release({ ...end, class: "NotSent" })
    }
    yield* Effect.forEach(chunk.lines, leave, { concurrency: endsAtOnce, discard: true })
    // Without an error there are only interruptions and defects in the cause.
    if (error === undefined) return yield* Effect.failCause(exit.cause as Cause.Cause<never>)
    return { _tag: "Failed", error }
  })
