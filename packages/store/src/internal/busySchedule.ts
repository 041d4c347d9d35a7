import { Schedule } from "effect"

/** How long a statement waits for another process's lock before it gives up. */
export const busyWaitMillis = 10_000

/**
 * Asks again for a lock after 5 ms, 10 ms, 20 ms… never later than 100 ms, for 10 s in all. SQLite's own wait
 * (`busy_timeout`) is off, because it stops the whole process, screens and sockets too.
 */
export const busySchedule = Schedule.min([Schedule.exponential("5 millis"), Schedule.spaced("100 millis")]).pipe(
  Schedule.jittered,
  Schedule.upTo({ duration: busyWaitMillis })
)
