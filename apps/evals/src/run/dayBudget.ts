import { join } from "node:path"
import type { LedgerJournal, Provider } from "@assay/core"
import { type DatabaseRefused, dayBudget, layerSharedBudget, stateFolder } from "@assay/store"
import { Effect, FileSystem, Layer } from "effect"

const ledgerFile = Effect.map(stateFolder, (folder) => join(folder, "ledger.db"))

/** Guards the ledger below by a budget (pico-credits) that all of this user's runs share in a UTC day. */
const layerDayBudget = (limit: bigint) =>
  Layer.unwrap(Effect.map(ledgerFile, (file) => layerSharedBudget({ file, budgets: [dayBudget(limit)] })))

/**
 * Runs `effect` on a ledger that the day's budget guards as well, where one is set. Simulated credits are nobody's money,
 * so they are not counted. The day's ledger lies in the user's state folder; a CI machine that is thrown away has none.
 */
export const withinDay =
  (provider: Provider, limit: bigint | undefined) =>
  <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E | DatabaseRefused, R | LedgerJournal> =>
    limit === undefined || provider.simulated ? effect : Effect.provide(effect, layerDayBudget(limit))

/** Runs `effect`, which ends holds, so that they end in the day's ledger too, where there is one. */
export const inDayLedgerToo = Effect.fnUntraced(function* <A, E, R>(effect: Effect.Effect<A, E, R>) {
  const files = yield* FileSystem.FileSystem
  const exists = yield* Effect.orElseSucceed(files.exists(yield* ledgerFile), () => false)
  // Ending a hold asks for no room, so the limit does not matter.
  return yield* exists ? Effect.provide(effect, layerDayBudget(0n)) : effect
})
