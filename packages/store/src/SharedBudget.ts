import { DateTime } from "effect"

/** A limit over many runs, of whichever project, on top of each run's own. */
export interface SharedBudget {
  /** Which of a call's shared budgets this is, as `day`. */
  readonly name: string
  /** The budget that pays for a reservation at a time (UTC milliseconds). */
  readonly idAt: (at: number) => string
  /** Pico-credits. */
  readonly limit: bigint
}

/** What may be spent in a day, which is a UTC day; a call belongs to the day of its reservation. Pico-credits. */
export const dayBudget = (limit: bigint): SharedBudget => ({
  name: "day",
  idAt: (at) => `day ${DateTime.formatIsoDateUtc(DateTime.makeUnsafe(at))}`,
  limit
})

/** What may be spent with one API key in all, which is known by its fingerprint alone. Pico-credits. */
export const keyBudget = ({
  fingerprint,
  limit
}: {
  /** See `keyFingerprint`. */
  readonly fingerprint: string
  readonly limit: bigint
}): SharedBudget => ({ name: "key", idAt: () => `key ${fingerprint}`, limit })
