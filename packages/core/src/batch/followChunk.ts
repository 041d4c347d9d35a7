import { type Duration, Effect, Schedule } from "effect"
import type { Unauthorized } from "../ModelError.ts"
import { BatchRejected, BatchUnreachable } from "./BatchError.ts"
import { encodeLine } from "./BatchLine.ts"
import type { BatchProgress } from "./BatchOptions.ts"
import type { BatchObject, BatchRoutes, RouteError } from "./batchRoutes.ts"
import type { Chunk } from "./Chunk.ts"
import { type LineResult, readResults } from "./readResults.ts"

/** What is known of a chunk while it is followed, and still known when that is interrupted. */
export interface Following {
  /** Whether the provider has, or may have, a batch of it: then its lines may be charged. */
  handedOver: boolean
}

export interface FollowOptions {
  readonly routes: BatchRoutes
  readonly provider: string
  readonly run: string
  readonly pollInterval: Duration.Input
  readonly patience: Duration.Input
  readonly listGrace: Duration.Input
  readonly onProgress: (progress: BatchProgress) => Effect.Effect<void>
}

/** How often a batch whose creation was not answered is tried again, each time after a look at the list. */
const creations = 3

/**
 * Brings a chunk to its end: upload, creation, looks until it has ended, download. `known` is its batch, where an earlier
 * process has made it. `following.handedOver` turns true right before the first byte that may make a batch.
 */
export const followChunk = (
  chunk: Chunk,
  known: BatchObject | undefined,
  following: Following,
  options: FollowOptions
): Effect.Effect<ReadonlyMap<string, LineResult>, RouteError> =>
  Effect.gen(function* () {
    const { routes, provider } = options
    const made = known ?? (yield* makeOnce(chunk, following, options))
    following.handedOver = true
    const ended = yield* awaitEnd(made, chunk, options)
    if (ended.status === "failed") {
      following.handedOver = false
      const messages = (ended.errors?.data ?? []).flatMap(({ message }) => message ?? [])
      const reason = messages.length === 0 ? "it gave no reason." : messages.slice(0, 3).join(" ")
      return yield* new BatchRejected({ provider, step: "run a batch", status: 0, reason })
    }
    const output = yield* routes.download(ended.output_file_id)
    const error = yield* routes.download(ended.error_file_id)
    return readResults(output, error)
  })

/** Makes the batch of a chunk, unless the list has it. A creation without an answer is looked up before it is repeated. */
const makeOnce = Effect.fnUntraced(function* (chunk: Chunk, following: Following, options: FollowOptions) {
  const { routes, provider, run, listGrace } = options
  const text = chunk.lines.map(({ line }) => encodeLine(line)).join("\n")
  const fileId = yield* routes.upload(`${text}\n`, `assay-${chunk.id}.jsonl`)
  const look = Effect.map(routes.listRun(run, chunk.since), (batches) => batches.get(chunk.id))
  for (let number = 0; number < creations; number += 1) {
    const listed = yield* look
    if (listed !== undefined) return listed
    const before = following.handedOver
    following.handedOver = true
    const made = yield* Effect.tapError(routes.create(fileId, { run, chunk: chunk.id }), () => {
      // Refused, so this one was not made; an earlier one may have been.
      following.handedOver = before
      return Effect.void
    })
    if (made !== undefined) return made
    yield* Effect.sleep(listGrace)
  }
  const listed = yield* look
  if (listed !== undefined) return listed
  const reason = `${creations} tries were not answered, and its list shows no such batch.`
  return yield* new BatchUnreachable({ provider, step: "make a batch", reason })
})

const awaitEnd = (
  batch: BatchObject,
  chunk: Chunk,
  { routes, provider, pollInterval, patience, onProgress }: FollowOptions
): Effect.Effect<BatchObject, Unauthorized | BatchUnreachable> =>
  routes.read(batch.id).pipe(
    Effect.tap(({ id, status, request_counts }) =>
      onProgress({
        chunk: chunk.id,
        batchId: id,
        status,
        total: request_counts?.total ?? chunk.lines.length,
        completed: request_counts?.completed ?? 0,
        failed: request_counts?.failed ?? 0
      })
    ),
    Effect.repeat({ schedule: Schedule.spaced(pollInterval), until: ({ status }) => ends.has(status) }),
    Effect.timeoutOrElse({
      duration: patience,
      orElse: () =>
        Effect.fail(
          new BatchUnreachable({ provider, step: "finish a batch", reason: "it has not ended for longer than a day." })
        )
    })
  )

const ends: ReadonlySet<string> = new Set(["completed", "failed", "expired", "cancelled"])
