import type { Database } from "better-sqlite3"
import { Clock, Effect, Exit, Latch, Result } from "effect"
import { DatabaseLocked, DatabaseNotWritable } from "../DatabaseRefused.ts"
import type { Owners } from "./Owners.ts"
import { isBusy, isDiskFailure } from "./sqliteError.ts"
import { whenFree } from "./whenFree.ts"

/** More writes than this wait for the next commit, so that no commit stops the process for long. */
const largestCommit = 512

/**
 * Writes for everybody in this process, many in one transaction: a durable commit costs the same for one write and
 * for a hundred.
 */
export interface Writer {
  /**
   * Runs `work` inside the next commit and resumes when it is on disk. `work` must be synchronous and may run more
   * than once, each time on a database without its earlier effects. When it throws, it alone fails; when the
   * disk does, all writes of that commit fail and nothing of them is stored. Interrupting waits for the commit.
   */
  commit<A, E>(work: () => A, onFailure: (cause: unknown) => E): Effect.Effect<A, E>
}

/** What a store remembers of rows while it writes. */
export interface WriteCache {
  /** Writes what is kept back; the last thing before a commit. */
  readonly flush: () => void
  /** Follows every transaction; after a rollback, what was read in it may never have been. */
  readonly forget: (committed: boolean) => void
}

interface Job {
  /** Does the work inside a transaction and keeps its value. */
  readonly run: () => void
  /** Resumes the caller with that value. */
  readonly confirm: () => void
  readonly fail: (cause: unknown) => void
}

/** Writes what still waits when the scope closes, and refuses what comes after. */
export const makeWriter = Effect.fnUntraced(function* (options: {
  readonly database: Database
  readonly file: string
  readonly owners: Owners
  readonly caches: ReadonlyArray<WriteCache>
}) {
  const { database, file, owners, caches } = options
  const transact = makeTransact(database, caches)
  const arrived = yield* Latch.make(false)
  let waiting: Array<Job> = []
  let closed = false

  const write = Effect.fnUntraced(function* (batch: ReadonlyArray<Job>) {
    let jobs = batch
    while (jobs.length > 0) {
      const since = yield* Clock.currentTimeMillis
      const result = yield* Effect.result(whenFree(() => transact(jobs)))
      if (Result.isSuccess(result)) {
        jobs = result.success
        continue
      }
      const now = yield* Clock.currentTimeMillis
      const cause = isBusy(result.failure.cause) ? locked(since, now) : result.failure.cause
      for (const job of jobs) job.fail(cause)
      return
    }
  })

  const locked = (since: number, now: number) =>
    new DatabaseLocked({
      file,
      waitedMillis: now - since,
      owners: owners.livingOthers(now).map(({ name }) => `process ${name}`)
    })

  const drain = Effect.gen(function* () {
    while (waiting.length > 0) {
      // What becomes ready in this turn of the event loop joins the commit, and sockets get their turn between commits.
      yield* Effect.yieldNow
      const batch = waiting.slice(0, largestCommit)
      waiting = waiting.slice(largestCommit)
      yield* write(batch)
    }
  })

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

  const submit = (job: Job) => {
    if (closed) return job.fail(new DatabaseNotWritable({ file, why: "closed" }))
    if (waiting.push(job) === 1) arrived.openUnsafe()
  }

  const writer: Writer = {
    commit: <A, E>(work: () => A, onFailure: (cause: unknown) => E) =>
      Effect.uninterruptible(
        Effect.callback<A, E>((resume) => {
          let done: Exit.Exit<A, E> = Exit.die("a write was confirmed that had not run")
          submit({
            run: () => {
              done = Exit.succeed(work())
            },
            confirm: () => resume(done),
            fail: (cause) => resume(Exit.fail(onFailure(cause)))
          })
        })
      )
  }
  return writer
})

/**
 * Does the jobs in one transaction. Gives those that have to be done again because another one failed and undid them;
 * that way a sound batch pays for no savepoints. Throws while another process holds the lock.
 */
const makeTransact = (database: Database, caches: ReadonlyArray<WriteCache>) => {
  const begin = database.prepare("BEGIN IMMEDIATE")
  const commit = database.prepare("COMMIT")
  const rollback = database.prepare("ROLLBACK")

  return (jobs: ReadonlyArray<Job>): ReadonlyArray<Job> => {
    begin.run()
    let current: Job | undefined
    try {
      for (const job of jobs) {
        current = job
        job.run()
      }
      current = undefined
      for (const cache of caches) cache.flush()
      commit.run()
    } catch (cause) {
      // A full disk makes SQLite roll back by itself.
      if (database.inTransaction) rollback.run()
      for (const cache of caches) cache.forget(false)
      if (isBusy(cause)) throw cause
      if (current === undefined || isDiskFailure(cause)) {
        for (const job of jobs) job.fail(cause)
        return []
      }
      const failed = current
      failed.fail(cause)
      return jobs.filter((job) => job !== failed)
    }
    for (const cache of caches) cache.forget(true)
    for (const job of jobs) job.confirm()
    return []
  }
}
