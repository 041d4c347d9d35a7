import { LedgerJournal } from "@assay/core"
import { checkLedgerSchedule, ledgerJournalContract as checks } from "@assay/core/testing"
import { describe, it } from "@effect/vitest"
import { Effect, type Layer } from "effect"

/** What every `LedgerJournal` does. `layer` gives an empty ledger each time it is built; `seeds` is how many schedules it runs. */
export const ledgerJournalContract = <E>(name: string, layer: Layer.Layer<LedgerJournal, E>, seeds: number) => {
  describe(`${name} as a LedgerJournal`, () => {
    for (const { title, check } of checks) {
      it.effect(title, () => Effect.flatMap(LedgerJournal, check).pipe(Effect.provide(layer)))
    }

    it.effect(
      `holds the invariants I1 to I4 and I6 in ${seeds} random schedules`,
      () =>
        Effect.forEach(
          Array.from({ length: seeds }, (_, index) => index + 1),
          (seed) =>
            Effect.flatMap(LedgerJournal, (journal) => checkLedgerSchedule(journal, { seed })).pipe(
              Effect.provide(layer, { local: true })
            ),
          { discard: true }
        ),
      300_000
    )
  })
}
