import {
  type AdmitDecision,
  type AttemptEnd,
  decide,
  type HeldCall,
  JournalFailed,
  LedgerJournal,
  type LedgerTotals,
  picoCreditsPerCredit,
  type ReserveRequest,
  type Resolution,
  resolveHold,
  type SettledReply,
  type Settlement
} from "@assay/core"
import type { Database } from "better-sqlite3"
import { Clock, Effect, Schema } from "effect"
import type { Attempts } from "./Attempts.ts"
import { type Budgets, findTotals, totalsOf } from "./Budgets.ts"
import { fromHashColumn, toHashColumn } from "./hashColumn.ts"
import type { LedgerStatements, OpenRow } from "./LedgerStatements.ts"
import type { Owners } from "./Owners.ts"
import type { Writer } from "./Writer.ts"

/** The largest INTEGER of SQLite, in pico-credits: 9 million credits. */
const largestAmount = 2n ** 63n - 1n

/** Why a reservation without an end is held. */
const ownerDied = "the process that sent it ended before its reply was on record"

const failedTo = (operation: string) => (cause: unknown) => new JournalFailed({ operation, cause })
const failures = {
  open: failedTo("open a budget"),
  admit: failedTo("reserve credits"),
  settle: failedTo("settle an attempt"),
  release: failedTo("release an attempt"),
  hold: failedTo("hold an attempt"),
  resolve: failedTo("resolve a held attempt"),
  totals: failedTo("read a budget"),
  held: failedTo("read the calls in doubt"),
  settledReply: failedTo("read a settled reply")
}

/** The ledger on SQLite: every write is one job of the writer, so a decision and its reservation are one transaction. */
export const makeLedgerJournal = (parts: {
  readonly database: Database
  readonly writer: Writer
  readonly statements: LedgerStatements
  readonly attempts: Attempts
  readonly budgets: Budgets
  readonly owners: Owners
}): LedgerJournal["Service"] => {
  const { database, writer, statements, attempts, budgets, owners } = parts
  const findBudget = findTotals(database)

  const open = (name: string, limit: bigint, now: number): LedgerTotals => {
    if (limit > largestAmount)
      throw new RangeError(`a budget can have at most ${largestAmount / picoCreditsPerCredit} credits`)
    const budget = budgets.named(name)
    budget.limit = limit
    budget.changed = true
    for (const row of statements.findForeignReservations.all(budget.id, owners.self)) holdIfOrphaned(row, now)
    return totalsOf(budget)
  }

  /** Turns the reservation of a dead owner into a hold; gives the owner when it lives. */
  const holdIfOrphaned = (row: OpenRow, now: number) => {
    const living = owners.livingOther(Number(row.owner_id), now)
    if (living !== undefined || statements.endAttempt.run("held", row.id, row.name).changes === 0) return living
    const budget = budgets.byId(Number(row.budget_id))
    const bound = row.bound_pico_credits
    budget.reserved -= bound
    budget.held += bound
    budget.changed = true
    // biome-ignore format: one entry, one line
    statements.insertEntry.run(row.id, "hold", now, 0n, -bound, bound, null, null, "Ambiguous", null, null, ownerDied, null)
    return undefined
  }

  const admit = (request: ReserveRequest, now: number): AdmitDecision => {
    const budget = budgets.named(request.budget)
    const key = toHashColumn(request.key)
    const refusal = refusalByRival(key, now)
    if (refusal !== undefined) return refusal
    let decision = decide(budget, request.bound)
    if (decision._tag === "Wait") {
      // What stands in the way may belong to a process that has died since the budget was opened.
      for (const row of statements.findForeignReservations.all(budget.id, owners.self)) holdIfOrphaned(row, now)
      decision = decide(budget, request.bound)
    }
    if (decision._tag === "Exhausted") return { _tag: "Exhausted", totals: totalsOf(decision.totals) }
    if (decision._tag === "Admitted") {
      const { attemptId, kind, provider, model, bound, at } = request
      // biome-ignore format: the order of the columns
      const { lastInsertRowid: id } = statements.insertAttempt.run(attemptId, budget.id, owners.self, key, kind, provider, model, bound, at)
      statements.insertReservation.run(id, at, bound)
      attempts.opened(attemptId, { id, budgetId: budget.id, key: request.key, bound })
      budget.reserved += bound
      budget.changed = true
    }
    return decision
  }

  /** Whether another attempt forbids to buy the key: one in doubt, or one whose process is buying it, be it this one. */
  const refusalByRival = (key: Buffer | string, now: number) => {
    const rival = statements.findRival.get(key)
    if (rival === undefined) return undefined
    const buyer = rival.state === "reserved" ? buyerOf(rival, now) : undefined
    if (buyer !== undefined) return { _tag: "Claimed", attemptId: rival.name, owner: buyer } as const
    return { _tag: "InDoubt", attemptId: rival.name, bound: rival.bound_pico_credits } as const
  }

  /** The living process that is buying; a dead one's reservation becomes a hold. */
  const buyerOf = (rival: OpenRow, now: number): string | undefined =>
    Number(rival.owner_id) === owners.self ? owners.selfName : holdIfOrphaned(rival, now)?.name

  const settle = (settlement: Settlement) => {
    const { charge, reply, number, status, requestId, reason, sentAt, latencyMillis } = settlement
    const attempt = attempts.end(settlement.attemptId, charge.held > 0n ? "held" : "settled")
    if (attempt === undefined) return
    const { id, bound, budgetId } = attempt
    // biome-ignore format: the order of the columns
    const entry = statements.insertEntry.run(
      id, "settle", Math.round(sentAt + latencyMillis), charge.amount, -bound, charge.held, charge.source, number,
      settlement.class, status ?? reply.status, requestId ?? null, reason ?? null, latencyMillis
    )
    statements.insertCompletion.run(id, entry.lastInsertRowid, JSON.stringify(reply.headers), reply.body)
    attempts.answered(settlement.attemptId, settlement.budget, attempt)
    const budget = budgets.byId(budgetId)
    budget.reserved -= bound
    budget.settled += charge.amount
    budget.held += charge.held
    budget.changed = true
  }

  const endWithoutCharge = (end: AttemptEnd, kind: "release" | "hold") => {
    const attempt = attempts.end(end.attemptId, kind === "hold" ? "held" : "released")
    if (attempt === undefined) return
    const { id, bound, budgetId } = attempt
    const held = kind === "hold" ? bound : 0n
    // biome-ignore format: the order of the columns
    statements.insertEntry.run(
      id, kind, Math.round(end.sentAt + end.latencyMillis), 0n, -bound, held, null, end.number,
      end.class, end.status ?? null, end.requestId ?? null, end.reason ?? null, end.latencyMillis
    )
    const budget = budgets.byId(budgetId)
    budget.reserved -= bound
    budget.held += held
    budget.changed = true
  }

  const resolve = (name: string, resolution: Resolution, now: number): boolean => {
    const attempt = statements.findHeldByName.get(name)
    if (attempt === undefined) return false
    const before = { settled: attempt.settled, held: attempt.held }
    const after = resolveHold(before.settled, resolution)
    const late = typeof resolution === "object" && "settlement" in resolution ? resolution.settlement : undefined
    // biome-ignore format: the order of the columns
    const entry = statements.insertEntry.run(
      attempt.id, "resolve", now, after.settled - before.settled, 0n, after.held - before.held,
      late?.charge.source ?? null, late?.number ?? null, late?.class ?? null, late?.status ?? late?.reply.status ?? null,
      late?.requestId ?? null, late?.reason ?? null, late?.latencyMillis ?? null
    )
    if (late !== undefined) {
      const { headers, body } = late.reply
      statements.insertCompletion.run(attempt.id, entry.lastInsertRowid, JSON.stringify(headers), body)
      const { id, budget_id, key, bound_pico_credits: bound } = attempt
      attempts.answered(name, late.budget, { id, budgetId: Number(budget_id), key: fromHashColumn(key), bound })
    }
    if (after.held === 0n) statements.resolveAttempt.run(after.settled === 0n ? "released" : "settled", attempt.id)
    const budget = budgets.byId(Number(attempt.budget_id))
    budget.settled += after.settled - before.settled
    budget.held += after.held - before.held
    budget.changed = true
    return true
  }

  const read = <A>(onFailure: (cause: unknown) => JournalFailed, work: () => A) =>
    Effect.try({ try: work, catch: onFailure })

  return LedgerJournal.of({
    open: (name, limit) =>
      Effect.flatMap(Clock.currentTimeMillis, (now) => writer.commit(() => open(name, limit, now), failures.open)),
    admit: (requests) =>
      Effect.flatMap(Clock.currentTimeMillis, (now) =>
        writer.commit(() => requests.map((request) => admit(request, now)), failures.admit)
      ),
    settle: (settlement) => writer.commit(() => settle(settlement), failures.settle),
    release: (end) => writer.commit(() => endWithoutCharge(end, "release"), failures.release),
    hold: (end) => writer.commit(() => endWithoutCharge(end, "hold"), failures.hold),
    resolve: (attemptId, resolution) =>
      Effect.flatMap(Clock.currentTimeMillis, (now) =>
        writer.commit(() => resolve(attemptId, resolution, now), failures.resolve)
      ),
    totals: (name) =>
      read(failures.totals, () => {
        const row = findBudget.get(name)
        return row === undefined ? { limit: 0n, settled: 0n, reserved: 0n, held: 0n } : totalsOf(row)
      }),
    held: (name) =>
      read(failures.held, () =>
        statements.findHeld.all(name).map(
          (row): HeldCall => ({
            attemptId: row.name,
            key: fromHashColumn(row.key),
            kind: row.kind,
            provider: row.provider,
            model: row.model,
            bound: row.held,
            reservedAt: Number(row.reserved_at),
            reason: row.reason ?? ""
          })
        )
      ),
    settledReply: (name, key) =>
      read(failures.settledReply, (): SettledReply | undefined => {
        const id = attempts.findByKey(name, key)
        const row = id === undefined ? undefined : statements.findSettled.get(id)
        if (row === undefined) return undefined
        return {
          attemptId: row.name,
          charge: { amount: row.amount, source: row.source, held: row.held },
          reply: { status: Number(row.status), headers: decodeHeaders(row.headers), body: row.body },
          latencyMillis: row.latency_ms
        }
      })
  })
}

const decodeHeaders = Schema.decodeUnknownSync(Schema.fromJsonString(Schema.Record(Schema.String, Schema.String)))
