import { Schedule } from "effect"

/** How long a statement waits for another process's lock before it gives up. */
export const busyWaitMillis = 10_000

/**
 * Asks again for a lock after 1 ms, 2 ms, 4 ms, and then every 5 ms, for 10 s in all. A process that commits without a pause
 * leaves it free for a fraction of a millisecond at a time: whoever asks ten times a second may not get it for seconds, and
 * asking costs some 10 µs. SQLite's own wait (`busy_timeout`) is off, because it stops the whole process, screens and sockets too.
 */
export const busySchedule = Schedule.min([Schedule.exponential("1 millis"), Schedule.spaced("5 millis")]).pipe(
  Schedule.jittered,
  Schedule.upTo({ duration: busyWaitMillis })
)
