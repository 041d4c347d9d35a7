import type { FileHandle } from "node:fs/promises"
import { Data, Effect, Exit, Latch, Semaphore } from "effect"
import { JournalFailed } from "../ModelError.ts"
import { encodeGroup } from "./groups.ts"
import type { ReplySlot } from "./LedgerState.ts"
import type { Operation } from "./Operation.ts"
import { writeAll } from "./openJournalFile.ts"

/** More callers than this wait for the next group. */
const largestGroup = 512

/** An operation with the place of the reply that it may bring. */
export interface Write {
  readonly operation: Operation
  readonly slot: ReplySlot
}

/** Writes for everybody, one `fsync` a group: it costs the same for one caller and for a hundred. */
export interface GroupWriter {
  /** Resumes when the writes, and all that came before them, are on disk. Interrupting waits for that. */
  append(writes: ReadonlyArray<Write>, name: string): Effect.Effect<void, JournalFailed>
  /** Fails once something could not be written: what this process remembers is then more than the disk has. */
  readonly check: (name: string) => Effect.Effect<void, JournalFailed>
}

interface Waiting {
  readonly writes: ReadonlyArray<Write>
  readonly name: string
  readonly resume: (exit: Exit.Exit<void, JournalFailed>) => void
}

class WriteFailed extends Data.TaggedError("WriteFailed")<{ readonly cause: unknown }> {}

/** Writes from `length` on. What waits when the scope closes is written before. */
export const makeGroupWriter = Effect.fnUntraced(function* (handle: FileHandle, length: number) {
  const arrived = yield* Latch.make(false)
  let waiting: Array<Waiting> = []
  let position = length
  let broken: { readonly cause: unknown } | undefined
  let closed = false

  const failed = (name: string, { cause }: { readonly cause: unknown }) => new JournalFailed({ operation: name, cause })

  const writeGroup = Effect.fnUntraced(function* (group: ReadonlyArray<Waiting>) {
    const writes = group.flatMap((one) => one.writes)
    if (writes.length === 0 || broken !== undefined) return
    const { bytes, places } = encodeGroup(writes.map(({ operation }) => operation))
    yield* Effect.tryPromise({
      try: async () => {
        await writeAll(handle, bytes, position)
        await handle.datasync()
      },
      catch: (cause) => new WriteFailed({ cause })
    })
    for (const [index, { slot }] of writes.entries()) {
      const place = places[index]
      if (place !== undefined) slot.place = { offset: position + place.offset, length: place.length }
      slot.waiting = undefined
    }
    position += bytes.length
  })

  const turns = yield* Semaphore.make(1)
  // One at a time: closing drains as well, while the last group may still be on its way.
  const drain = Effect.gen(function* () {
    while (waiting.length > 0) {
      // What becomes ready in this turn of the event loop joins the group.
      yield* Effect.yieldNow
      const group = waiting.slice(0, largestGroup)
      waiting = waiting.slice(largestGroup)
      const exit = yield* Effect.exit(writeGroup(group))
      // After a failed write or sync nobody knows what the disk has. Opening the file again tells.
      if (Exit.isFailure(exit)) broken ??= { cause: causeOf(exit) }
      for (const { name, resume } of group) {
        resume(broken === undefined ? Exit.void : Exit.fail(failed(name, broken)))
      }
    }
  }).pipe(turns.withPermit)

  yield* Effect.gen(function* () {
    yield* arrived.await
    arrived.closeUnsafe()
    yield* Effect.uninterruptible(drain)
  }).pipe(Effect.forever, Effect.forkScoped)

  yield* Effect.addFinalizer(() =>
    Effect.suspend(() => {
      closed = true
      return drain
    })
  )

  const check = (name: string) =>
    Effect.suspend(() => (broken === undefined ? Effect.void : Effect.fail(failed(name, broken))))

  const writer: GroupWriter = {
    check,
    append: (writes, name) =>
      Effect.uninterruptible(
        Effect.callback<void, JournalFailed>((resume) => {
          if (closed) return resume(Exit.fail(failed(name, { cause: new Error("the journal is closed") })))
          if (waiting.push({ writes, name, resume }) === 1) arrived.openUnsafe()
        })
      )
  }
  return writer
})

const causeOf = (exit: Exit.Failure<void, WriteFailed>): unknown => {
  const [reason] = exit.cause.reasons
  return reason?._tag === "Fail" ? reason.error.cause : reason
}
