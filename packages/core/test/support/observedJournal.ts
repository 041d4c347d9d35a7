import { assert } from "@effect/vitest"
import { Effect } from "effect"
import type { Charge, LedgerJournal, ReserveRequest } from "../../src/index.ts"

/** What went through a journal, attempt by attempt. */
export interface JournalRecord {
  readonly admitted: Map<string, ReserveRequest>
  readonly ends: Map<
    string,
    { readonly how: "settled" | "released" | "held"; readonly charge?: Charge; readonly reason: string }
  >
  /** Sums that the record itself makes, to hold the journal's against. */
  readonly sums: { settled: bigint; reserved: bigint; held: bigint }
}

export const emptyRecord = (): JournalRecord => ({
  admitted: new Map(),
  ends: new Map(),
  sums: { settled: 0n, reserved: 0n, held: 0n }
})

/**
 * Watches a journal and asserts wire contract F7 at every step: I1 nothing is admitted past the limit, I3 the sums are
 * those of the attempts, I4 an attempt ends once and only after it was admitted, I6 what is settled never shrinks.
 */
export const observed =
  (record: JournalRecord) =>
  (inner: LedgerJournal["Service"]): Partial<LedgerJournal["Service"]> => {
    const { admitted, ends, sums } = record

    const check = (budget: string) =>
      Effect.map(inner.totals(budget), (totals) => {
        assert.isTrue(totals.settled + totals.reserved + totals.held <= totals.limit, "I1: within the limit")
        assert.deepStrictEqual(
          { settled: totals.settled, reserved: totals.reserved, held: totals.held },
          sums,
          "I3: the sums are those of the attempts"
        )
      })

    const end = (attemptId: string, how: "settled" | "released" | "held", reason = "", charge?: Charge) => {
      const bound = admitted.get(attemptId)?.bound
      assert.isDefined(bound, "I4: only what was admitted ends")
      assert.isFalse(ends.has(attemptId), "I4: an attempt ends once")
      ends.set(attemptId, { how, reason, ...(charge === undefined ? {} : { charge }) })
      sums.reserved -= bound ?? 0n
      sums.settled += charge?.amount ?? 0n
      sums.held += charge?.held ?? (how === "held" ? (bound ?? 0n) : 0n)
    }

    return {
      admit: (requests) =>
        Effect.tap(inner.admit(requests), (decisions) =>
          Effect.suspend(() => {
            for (const [index, request] of requests.entries()) {
              if (decisions[index]?._tag !== "Admitted") continue
              assert.isFalse(admitted.has(request.attemptId), "an attempt is admitted once")
              admitted.set(request.attemptId, request)
              sums.reserved += request.bound
            }
            return check(requests[0]?.budget ?? "")
          })
        ),
      settle: (settlement) =>
        Effect.tap(inner.settle(settlement), () => {
          end(settlement.attemptId, "settled", settlement.reason, settlement.charge)
          return check(settlement.budget)
        }),
      release: (attemptEnd) =>
        Effect.tap(inner.release(attemptEnd), () => {
          end(attemptEnd.attemptId, "released", attemptEnd.reason)
          return check(attemptEnd.budget)
        }),
      hold: (attemptEnd) =>
        Effect.tap(inner.hold(attemptEnd), () => {
          end(attemptEnd.attemptId, "held", attemptEnd.reason)
          return check(attemptEnd.budget)
        })
    }
  }
