import type { Charge } from "../Completion.ts"
import { decide } from "../decide.ts"
import type { AdmitDecision, HeldCall, LedgerTotals, RawReply, ReserveRequest } from "../LedgerJournal.ts"
import type { Operation } from "./Operation.ts"

/** Where the line of an operation is in the file, in bytes. */
export interface Place {
  readonly offset: number
  readonly length: number
}

/** Where a reply is to be found: in memory while its line is on the way to the disk, then only there. */
export interface ReplySlot {
  place: Place | undefined
  waiting: RawReply | undefined
}

/** An attempt in flight, or one that still binds something. */
interface Attempt extends ReserveRequest {
  state: "reserved" | "held"
  /** Whether its reply is on record, so that its key is not in doubt. */
  answered: boolean
  settled: bigint
  held: bigint
  reason: string
}

interface Budget {
  limit: bigint
  settled: bigint
  reserved: bigint
  held: bigint
}

/** A reply on record, without its body. */
export interface KnownReply {
  readonly attemptId: string
  readonly budget: string
  readonly key: string
  readonly charge: Charge
  readonly latencyMillis: number
  readonly slot: ReplySlot
}

/** What a ledger says after a row of operations. Of attempts that have ended only the replies are remembered. */
export class LedgerState {
  readonly budgets = new Map<string, Budget>()
  readonly attempts = new Map<string, Attempt>()
  readonly replies = new Map<string, KnownReply>()
  /** The attempt that forbids to buy a key: there is never more than one. */
  private readonly rivals = new Map<string, Attempt>()

  totals(budget: string): LedgerTotals {
    return { ...(this.budgets.get(budget) ?? nothing) }
  }

  /** What to answer to a request; reserves nothing. `owner` names this process. */
  decide(request: ReserveRequest, owner: string): AdmitDecision {
    const rival = this.rivals.get(request.key)
    if (rival === undefined) return decide(this.totals(request.budget), request.bound)
    const { attemptId, bound } = rival
    return rival.state === "reserved" ? { _tag: "Claimed", attemptId, owner } : { _tag: "InDoubt", attemptId, bound }
  }

  reply(budget: string, key: string): KnownReply | undefined {
    return this.replies.get(replyKey(budget, key))
  }

  /** Calls whose fate is unknown, oldest first: an attempt keeps the place at which it was reserved. */
  held(budget: string): ReadonlyArray<HeldCall> {
    const calls: Array<HeldCall> = []
    for (const attempt of this.attempts.values()) {
      if (attempt.budget !== budget || attempt.state !== "held") continue
      const { attemptId, key, kind, provider, model, held, at, reason } = attempt
      calls.push({ attemptId, key, kind, provider, model, bound: held, reservedAt: at, reason })
    }
    return calls
  }

  /** Whether an operation would change anything: an attempt ends once, and only what is held can be resolved. */
  changes(operation: Operation): boolean {
    switch (operation.op) {
      case "settle":
      case "release":
      case "hold":
        return this.attempts.get(operation.attemptId)?.state === "reserved"
      case "resolve":
        return this.attempts.get(operation.attemptId)?.state === "held"
      default:
        return true
    }
  }

  /** Does what an operation says, if it changes anything. `slot` is where its reply is, if it has one. */
  apply(operation: Operation, slot: ReplySlot): void {
    if (!this.changes(operation)) return
    switch (operation.op) {
      case "begin":
        break
      case "open":
        this.budget(operation.budget).limit = operation.limit
        break
      case "reserve": {
        const { op: _, ...request } = operation
        this.add({ ...request, state: "reserved", answered: false, settled: 0n, held: 0n, reason: "" })
        this.budget(request.budget).reserved += request.bound
        break
      }
      case "settle":
        this.end(operation, operation.charge.amount, operation.charge.held, { answer: operation, slot })
        break
      case "release":
        this.end(operation, 0n, 0n)
        break
      case "hold":
        this.end(operation, 0n, undefined)
        break
      case "resolve":
        this.resolve(operation, slot)
        break
      case "totals": {
        const budget = this.budget(operation.budget)
        budget.limit = operation.limit
        budget.settled = operation.settled
        break
      }
      case "held": {
        const { op: _, reason = "", ...attempt } = operation
        this.add({ ...attempt, state: "held", reason })
        this.budget(attempt.budget).held += attempt.held
        break
      }
      case "reply":
        this.keepReply(operation, operation, slot)
        break
    }
  }

  private add(attempt: Attempt): void {
    this.attempts.set(attempt.attemptId, attempt)
    if (!attempt.answered) this.rivals.set(attempt.key, attempt)
  }

  /** Ends an attempt in flight; `held` undefined stands for its whole bound. */
  private end(
    { attemptId, reason = "" }: { readonly attemptId: string; readonly reason?: string | undefined },
    settled: bigint,
    held: bigint | undefined,
    reply?: { readonly answer: Answer; readonly slot: ReplySlot }
  ): void {
    const attempt = this.attempts.get(attemptId)
    if (attempt === undefined) return
    const budget = this.budget(attempt.budget)
    budget.reserved -= attempt.bound
    attempt.state = "held"
    attempt.reason = reason
    this.bind(attempt, budget, settled, held ?? attempt.bound)
    if (reply !== undefined) this.keepReply(attempt, reply.answer, reply.slot)
    this.settleDoubt(attempt, reply !== undefined || attempt.held === 0n)
  }

  private resolve({ attemptId, settled, held, late }: Extract<Operation, { op: "resolve" }>, slot: ReplySlot): void {
    const attempt = this.attempts.get(attemptId)
    if (attempt === undefined) return
    this.bind(attempt, this.budget(attempt.budget), settled, held)
    const known = this.reply(attempt.budget, attempt.key)
    // The first reply of an attempt stays, whatever turns up later, and so does a newer one of the same key.
    if (known === undefined && late !== undefined) this.keepReply(attempt, late, slot)
    if (known?.attemptId === attemptId) {
      this.keepReply(attempt, { ...known, charge: { ...known.charge, amount: settled, held } }, known.slot)
    }
    this.settleDoubt(attempt, true)
  }

  /** Gives an attempt what it costs in all, and binds, from now on. */
  private bind(attempt: Attempt, budget: Budget, settled: bigint, held: bigint): void {
    budget.settled += settled - attempt.settled
    budget.held += held - attempt.held
    attempt.settled = settled
    attempt.held = held
  }

  /** Forgets what binds nothing any more, and lets the key be bought again when its fate is known. */
  private settleDoubt(attempt: Attempt, known: boolean): void {
    if (attempt.held === 0n) this.attempts.delete(attempt.attemptId)
    if (!known) return
    attempt.answered = true
    if (this.rivals.get(attempt.key) === attempt) this.rivals.delete(attempt.key)
  }

  private keepReply(
    { attemptId, budget, key }: Pick<KnownReply, "attemptId" | "budget" | "key">,
    { charge, latencyMillis }: Answer,
    slot: ReplySlot
  ): void {
    this.replies.set(replyKey(budget, key), { attemptId, budget, key, charge, latencyMillis, slot })
  }

  private budget(id: string): Budget {
    const known = this.budgets.get(id)
    if (known !== undefined) return known
    const fresh = { ...nothing }
    this.budgets.set(id, fresh)
    return fresh
  }
}

interface Answer {
  readonly charge: Charge
  readonly latencyMillis: number
}

const nothing = { limit: 0n, settled: 0n, reserved: 0n, held: 0n }

const replyKey = (budget: string, key: string): string => JSON.stringify([budget, key])
