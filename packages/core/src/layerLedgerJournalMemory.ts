import { Effect, Layer } from "effect"
import { decide } from "./decide.ts"
import type { SettledReply } from "./LedgerJournal.ts"
import {
  type AttemptEnd,
  type HeldCall,
  LedgerJournal,
  type LedgerTotals,
  type ReserveRequest
} from "./LedgerJournal.ts"

interface Budget {
  limit: bigint
  settled: bigint
  reserved: bigint
  held: bigint
}

interface Entry extends ReserveRequest {
  state: "reserved" | "settled" | "released" | "held"
  /** What a held entry still binds: its bound, or what an estimated charge left of it. */
  heldAmount: bigint
  reason: string
}

/** A ledger that lives as long as the process: for tests, and for programs that accept losing it in a crash. */
export const layerLedgerJournalMemory = Layer.sync(LedgerJournal, () => {
  const budgets = new Map<string, Budget>()
  const entries = new Map<string, Entry>()
  const inDoubtByKey = new Map<string, Entry>()
  const replies = new Map<string, SettledReply>()

  const budgetOf = (id: string): Budget => {
    const known = budgets.get(id)
    if (known !== undefined) return known
    const fresh = { limit: 0n, settled: 0n, reserved: 0n, held: 0n }
    budgets.set(id, fresh)
    return fresh
  }
  const totalsOf = (id: string): LedgerTotals => ({ ...budgetOf(id) })

  const admit = (request: ReserveRequest) => {
    const doubtful = inDoubtByKey.get(request.key)
    if (doubtful !== undefined) {
      return { _tag: "InDoubt", attemptId: doubtful.attemptId, bound: doubtful.bound } as const
    }
    const decision = decide(budgetOf(request.budget), request.bound)
    if (decision._tag !== "Admitted") return decision
    entries.set(request.attemptId, { ...request, state: "reserved", heldAmount: 0n, reason: "" })
    budgetOf(request.budget).reserved += request.bound
    return decision
  }

  /** Runs `change` on an attempt in flight; an attempt that has ended, or is unknown, stays as it is. */
  const end = (attemptEnd: AttemptEnd, change: (entry: Entry, budget: Budget) => void) =>
    Effect.sync(() => {
      const entry = entries.get(attemptEnd.attemptId)
      if (entry?.state !== "reserved") return
      const budget = budgetOf(entry.budget)
      budget.reserved -= entry.bound
      entry.reason = attemptEnd.reason ?? ""
      change(entry, budget)
    })

  return LedgerJournal.of({
    open: (id, limit) =>
      Effect.sync(() => {
        budgetOf(id).limit = limit
        return totalsOf(id)
      }),
    admit: (requests) => Effect.sync(() => requests.map(admit)),
    settle: (settlement) =>
      end(settlement, (entry, budget) => {
        const { attemptId, charge, reply, latencyMillis } = settlement
        entry.state = charge.held > 0n ? "held" : "settled"
        entry.heldAmount = charge.held
        replies.set(replyKey(entry.budget, entry.key), { attemptId, charge, reply, latencyMillis })
        budget.settled += charge.amount
        budget.held += charge.held
      }),
    release: (attemptEnd) =>
      end(attemptEnd, (entry) => {
        entry.state = "released"
      }),
    hold: (attemptEnd) =>
      end(attemptEnd, (entry, budget) => {
        entry.state = "held"
        entry.heldAmount = entry.bound
        inDoubtByKey.set(entry.key, entry)
        budget.held += entry.bound
      }),
    totals: (id) => Effect.sync(() => totalsOf(id)),
    held: (id) =>
      Effect.sync(() =>
        Array.from(entries.values())
          .filter((entry) => entry.budget === id && entry.state === "held")
          .map(
            (entry): HeldCall => ({
              attemptId: entry.attemptId,
              key: entry.key,
              kind: entry.kind,
              provider: entry.provider,
              model: entry.model,
              bound: entry.heldAmount,
              reservedAt: entry.at,
              reason: entry.reason
            })
          )
      ),
    settledReply: (id, key) => Effect.sync(() => replies.get(replyKey(id, key)))
  })
})

const replyKey = (budget: string, key: string): string => JSON.stringify([budget, key])
