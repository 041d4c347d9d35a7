import { Effect } from "effect"
import type { AttemptEnd, LedgerJournal, ReserveRequest } from "../LedgerJournal.ts"
import { addHeld, addSettled, countAttempts, countRetries } from "./metrics.ts"

/** Counts what passes through a journal, and changes none of it. What failed to be written is not counted. */
export const observedJournal = (journal: LedgerJournal["Service"]): LedgerJournal["Service"] => {
  // At most as many as are in flight. An end that is repeated finds its attempt gone, and is counted once.
  const inFlight = new Map<string, ReserveRequest>()

  const counted = (end: AttemptEnd, settled: bigint, held: (request: ReserveRequest) => bigint) =>
    Effect.suspend(() => {
      const request = inFlight.get(end.attemptId)
      if (request === undefined) return Effect.void
      inFlight.delete(end.attemptId)
      const series = {
        "gen_ai.provider.name": request.provider,
        "gen_ai.request.model": request.model,
        "assay.attempt.kind": request.kind
      }
      const classed = { ...series, "assay.attempt.class": end.class }
      const kept = held(request)
      return Effect.all(
        [
          countAttempts(classed, 1),
          end.number > 1 ? countRetries(classed, 1) : Effect.void,
          settled > 0n ? addSettled(series, settled) : Effect.void,
          kept > 0n ? addHeld(series, kept) : Effect.void
        ],
        { discard: true }
      )
    })

  return {
    ...journal,
    admit: (requests) =>
      Effect.tap(journal.admit(requests), (decisions) => {
        for (const [index, request] of requests.entries()) {
          if (decisions[index]?._tag === "Admitted") inFlight.set(request.attemptId, request)
        }
        return Effect.void
      }),
    settle: (settlement) =>
      Effect.tap(journal.settle(settlement), () =>
        counted(settlement, settlement.charge.amount, () => settlement.charge.held)
      ),
    release: (end) => Effect.tap(journal.release(end), () => counted(end, 0n, () => 0n)),
    hold: (end) => Effect.tap(journal.hold(end), () => counted(end, 0n, ({ bound }) => bound))
  }
}
