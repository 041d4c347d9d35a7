import { Effect, Layer } from "effect"
import { JournalFailed, LedgerJournal, layerLedgerJournalMemory } from "../../src/index.ts"

type Journal = LedgerJournal["Service"]

/** A journal with some methods around its own: a slow disk, a full one, an observer. */
export const layerJournalWith = (
  change: (journal: Journal) => Partial<Journal>,
  journal: Layer.Layer<LedgerJournal> = layerLedgerJournalMemory
) =>
  Layer.effect(
    LedgerJournal,
    Effect.map(LedgerJournal, (inner) => LedgerJournal.of({ ...inner, ...change(inner) }))
  ).pipe(Layer.provide(journal))

/** Every decision takes 10 ms to reach the disk, and 10 ms more to be told. */
export const slow = (journal: Journal): Partial<Journal> => ({
  admit: (requests) =>
    Effect.delay(journal.admit(requests), "10 millis").pipe(Effect.tap(() => Effect.sleep("10 millis")))
})

export const layerJournalSlow = layerJournalWith(slow)

export const diskFull = new JournalFailed({ operation: "reserve", cause: new Error("disk full") })
