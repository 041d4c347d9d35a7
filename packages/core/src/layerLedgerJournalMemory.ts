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
import { resolveHold } from "./resolveHold.ts"

interface Budget {
  limit: bigint
  settled: bigint
  reserved: bigint
  held: bigint
}

interface Entry extends ReserveRequest {
  state: "reserved" | "held"
  /** What a held entry still binds: its bound, or what an estimated charge left of it. */
  heldAmount: bigint
  /** What an estimate settled of a held entry. */
  settledAmount: bigint
  reason: string
}

/** A ledger that lives as long as the process: for tests, and for programs that accept losing it in a crash. */
export const layerLedgerJournalMemory = Layer.sync(LedgerJournal, () => {
  const budgets = new Map<string, Budget>()
  const entries = new Map<string, Entry>()
  const inDoubtByKey = new Map<string, Entry>()
  const inFlightByKey = new Map<string, Entry>()
  /** By budget, then by key. */
  const replies = new Map<string, Map<string, SettledReply>>()

  const budgetOf = (id: string): Budget => {
    const known = budgets.get(id)
    if (known !== undefined) return known
    const fresh = { limit: 0n, settled: 0n, reserved: 0n, held: 0n }
    budgets.set(id, fresh)
    return fresh
  }
  const repliesOf = (id: string) => {
    const known = replies.get(id)
    if (known !== undefined) return known
    const fresh = new Map<string, SettledReply>()
    replies.set(id, fresh)
    return fresh
  }
  const totalsOf = (id: string): LedgerTotals => ({ ...budgetOf(id) })

  const admit = (request: ReserveRequest) => {
    const doubtful = inDoubtByKey.get(request.key)
    if (doubtful !== undefined) {
      return { _tag: "InDoubt", attemptId: doubtful.attemptId, bound: doubtful.bound } as const
    }
    const rival = inFlightByKey.get(request.key)
    if (rival !== undefined) return { _tag: "Claimed", attemptId: rival.attemptId, owner: "of this program" } as const
    const decision = decide(totalsOf(request.budget), request.bound)
    if (decision._tag !== "Admitted") return decision
    const entry: Entry = { ...request, state: "reserved", heldAmount: 0n, settledAmount: 0n, reason: "" }
    entries.set(request.attemptId, entry)
    inFlightByKey.set(request.key, entry)
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
      inFlightByKey.delete(entry.key)
      entry.reason = attemptEnd.reason ?? ""
      change(entry, budget)
      // An end of an unknown attempt is ignored as that of an ended one is, so only what is held has to be kept.
      if (!isHeld(entry)) entries.delete(entry.attemptId)
    })

  const holdBack = (entry: Entry, amount: bigint) => {
    entry.state = "held"
    entry.heldAmount = amount
  }

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
        if (charge.held > 0n) holdBack(entry, charge.held)
        entry.settledAmount = charge.amount
        repliesOf(entry.budget).set(entry.key, { attemptId, charge, reply, latencyMillis })
        budget.settled += charge.amount
        budget.held += charge.held
      }),
    release: (attemptEnd) => end(attemptEnd, () => {}),
    hold: (attemptEnd) =>
      end(attemptEnd, (entry, budget) => {
        holdBack(entry, entry.bound)
        inDoubtByKey.set(entry.key, entry)
        budget.held += entry.bound
      }),
    resolve: (attemptId, resolution) =>
      Effect.sync(() => {
        const entry = entries.get(attemptId)
        if (entry === undefined || !isHeld(entry)) return false
        const budget = budgetOf(entry.budget)
        const onRecord = repliesOf(entry.budget)
        const known = onRecord.get(entry.key)
        const before = known?.attemptId === attemptId ? known : undefined
        const { settled, held } = resolveHold(entry.settledAmount, resolution)
        budget.settled += settled - entry.settledAmount
        budget.held += held - entry.heldAmount
        entry.settledAmount = settled
        entry.heldAmount = held
        if (held === 0n) entries.delete(attemptId)
        if (inDoubtByKey.get(entry.key) === entry) inDoubtByKey.delete(entry.key)
        const late = typeof resolution === "object" && "settlement" in resolution ? resolution.settlement : undefined
        // The first reply of an attempt stays, whatever turns up later, and so does a newer one of the same key.
        const kept = before ?? (known === undefined ? late : undefined)
        if (kept !== undefined) {
          const { charge, reply, latencyMillis } = kept
          onRecord.set(entry.key, { attemptId, charge: { ...charge, amount: settled, held }, reply, latencyMillis })
        }
        return true
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
    settledReply: (id, key) => Effect.sync(() => replies.get(id)?.get(key))
  })
})

/** Asks anew: the compiler believes that a state it has seen stays. */
const isHeld = ({ state }: Entry): boolean => state === "held"
