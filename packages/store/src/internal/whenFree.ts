import { Data, Effect } from "effect"
import { busySchedule } from "./busySchedule.ts"
import { isBusy } from "./sqliteError.ts"

/** What a call of SQLite threw. */
export class SqliteThrew extends Data.TaggedError("SqliteThrew")<{ readonly cause: unknown }> {}

/** Does `work` once no other process holds the lock it needs; fails as SQLite does when that takes over 10 s. */
export const whenFree = <A>(work: () => A): Effect.Effect<A, SqliteThrew> =>
  Effect.try({ try: work, catch: (cause) => new SqliteThrew({ cause }) }).pipe(
    Effect.retry({ schedule: busySchedule, while: ({ cause }) => isBusy(cause) })
  )
