import { mkdirSync } from "node:fs"
import { dirname } from "node:path"
import { Clock, Effect, Layer, Schema } from "effect"
import { claimFile, claimRenewal } from "./fileJournal/claimFile.ts"
import { FileJournalRefused, refuseFailed } from "./fileJournal/FileJournalRefused.ts"
import type { KnownReply, ReplySlot } from "./fileJournal/LedgerState.ts"
import { makeGroupWriter, type Write } from "./fileJournal/makeGroupWriter.ts"
import type { Operation } from "./fileJournal/Operation.ts"
import { openJournalFile, readOperation, replyOf } from "./fileJournal/openJournalFile.ts"
import { ownPid } from "./fileJournal/processIdentity.ts"
import { LedgerJournal, type RawReply, type ReserveRequest, type SettledReply } from "./LedgerJournal.ts"
import { JournalFailed } from "./ModelError.ts"
import { resolveHold } from "./resolveHold.ts"

export { FileJournalRefused }

export interface FileJournalOptions {
  /** The journal's path; its folder is made where it is missing. Keep it on a local disk. */
  readonly file: string
  /** A file above so many bytes is compacted when it is opened, if half of it no longer matters; 16 MiB by default. */
  readonly compactAbove?: number
}

/**
 * A crash-safe ledger in one file of text, for one process at a time: what returned is on disk, what was in flight when a
 * process died is held when the file is opened again, and a file that was cut off at any byte opens. Callers that come
 * together share one `fsync`. Replies are kept in the file, readable for its owner alone, and not in memory.
 *
 * Fails with `FileJournalRefused` while another process has the file open. After a write that failed, as on a full disk,
 * every method fails with `JournalFailed` until the layer is built anew.
 */
export const layerFileJournal = (options: FileJournalOptions): Layer.Layer<LedgerJournal, FileJournalRefused> =>
  Layer.effect(LedgerJournal, makeFileJournal(options))

/** Why a reservation without an end is held. */
const processDied = "the process that sent it ended before its reply was on record"

const defaultCompactAbove = 16 * 1024 * 1024

const makeFileJournal = Effect.fnUntraced(function* ({ file, compactAbove = defaultCompactAbove }: FileJournalOptions) {
  yield* claimed(file)
  const { handle, state, length } = yield* Effect.acquireRelease(
    Effect.tryPromise({ try: () => openJournalFile(file, compactAbove), catch: (cause) => refusalOf(file, cause) }),
    (opened) => Effect.promise(() => opened.handle.close())
  )
  const writer = yield* makeGroupWriter(handle, length)

  /** Applies operations at once, so that the next decision sees them, and resumes when they are on disk. */
  const commit = (name: string, operations: ReadonlyArray<Operation>) => {
    const writes: Array<Write> = []
    for (const operation of operations) {
      if (!state.changes(operation)) continue
      const slot: ReplySlot = { place: undefined, waiting: replyOf(operation) }
      state.apply(operation, slot)
      writes.push({ operation, slot })
    }
    return writer.append(writes, name)
  }

  const end = (name: string, operation: () => Operation) =>
    Effect.andThen(
      writer.check(name),
      Effect.suspend(() => commit(name, [operation()]))
    )

  yield* Effect.mapError(
    Effect.suspend(() =>
      commit(
        "hold what was in flight",
        Array.from(state.attempts.values())
          .filter((attempt) => attempt.state === "reserved")
          .map(({ attemptId }) => ({ op: "hold", attemptId, reason: processDied }) as const)
      )
    ),
    ({ cause }) => refuseFailed(file, cause)
  )

  const admit = (requests: ReadonlyArray<ReserveRequest>) =>
    Effect.suspend(() => {
      const reserved: Array<Write> = []
      const decisions = requests.map((request) => {
        const decision = state.decide(request, String(ownPid))
        if (decision._tag !== "Admitted") return decision
        const operation: Operation = { op: "reserve", ...request }
        const slot = { place: undefined, waiting: undefined }
        state.apply(operation, slot)
        reserved.push({ operation, slot })
        return decision
      })
      return Effect.as(writer.append(reserved, "reserve credits"), decisions)
    })

  const readReply = (known: KnownReply): Effect.Effect<SettledReply, JournalFailed> => {
    const { attemptId, charge, latencyMillis, slot } = known
    const settled = (reply: RawReply): SettledReply => ({ attemptId, charge, reply, latencyMillis })
    if (slot.waiting !== undefined) return Effect.succeed(settled(slot.waiting))
    return Effect.tryPromise({
      try: async () => {
        const reply = slot.place === undefined ? undefined : replyOf(await readOperation(handle, slot.place))
        if (reply === undefined) throw new Error(`the journal has no reply of attempt ${attemptId}`)
        return settled(reply)
      },
      catch: (cause) => new JournalFailed({ operation: "read a settled reply", cause })
    })
  }

  return LedgerJournal.of({
    open: (budget, limit) =>
      Effect.map(
        end("open a budget", () => ({ op: "open", budget, limit })),
        () => state.totals(budget)
      ),
    admit: (requests) => Effect.andThen(writer.check("reserve credits"), admit(requests)),
    settle: (settlement) => end("settle an attempt", () => ({ op: "settle", ...settlement })),
    release: (attemptEnd) => end("release an attempt", () => ({ op: "release", ...attemptEnd })),
    hold: (attemptEnd) => end("hold an attempt", () => ({ op: "hold", ...attemptEnd })),
    resolve: (attemptId, resolution) =>
      Effect.flatMap(Effect.andThen(writer.check("resolve a held attempt"), Clock.currentTimeMillis), (at) => {
        const attempt = state.attempts.get(attemptId)
        if (attempt?.state !== "held") return Effect.succeed(false)
        const late = typeof resolution === "object" && "settlement" in resolution ? resolution.settlement : undefined
        const operation = {
          op: "resolve",
          attemptId,
          ...resolveHold(attempt.settled, resolution),
          at,
          ...(late === undefined ? {} : { late })
        } as const
        return Effect.as(commit("resolve a held attempt", [operation]), true)
      }),
    totals: (budget) => Effect.map(writer.check("read a budget"), () => state.totals(budget)),
    held: (budget) => Effect.map(writer.check("read the calls in doubt"), () => state.held(budget)),
    settledReply: (budget, key) =>
      Effect.andThen(
        writer.check("read a settled reply"),
        Effect.suspend(() => {
          const known = state.reply(budget, key)
          return known === undefined ? Effect.undefined : readReply(known)
        })
      )
  })
})

/** Keeps other processes, and other layers of this one, from the file as long as the scope lasts. */
const claimed = Effect.fnUntraced(function* (file: string) {
  const now = yield* Clock.currentTimeMillis
  const claim = yield* Effect.acquireRelease(
    Effect.try({
      try: () => {
        mkdirSync(dirname(file), { recursive: true })
        return claimFile(file, now)
      },
      catch: (cause) => refusalOf(file, cause)
    }),
    ({ release }) => Effect.sync(release)
  )
  yield* Effect.sleep(claimRenewal).pipe(
    Effect.andThen(Clock.currentTimeMillis),
    Effect.flatMap((time) => Effect.ignore(Effect.try({ try: () => claim.renew(time), catch: () => "gone" as const }))),
    Effect.forever,
    Effect.forkScoped
  )
})

const isRefusal = Schema.is(FileJournalRefused)

const refusalOf = (file: string, cause: unknown): FileJournalRefused =>
  isRefusal(cause) ? cause : refuseFailed(file, cause)
