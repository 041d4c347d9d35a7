import { Context, type Effect } from "effect"
import type { Charge } from "./Completion.ts"
import type { AttemptKind } from "./CompletionRequest.ts"
import type { JournalFailed } from "./ModelError.ts"

/** The sums of one budget, in pico-credits. At every admission settled + reserved + held + bound ≤ limit. */
export interface LedgerTotals {
  /** The most that may be spent. */
  readonly limit: bigint
  /** Charges that are known. */
  readonly settled: bigint
  /** Bounds of calls in flight. */
  readonly reserved: bigint
  /** Bounds of calls whose fate is unknown; only evidence or the user frees them. */
  readonly held: bigint
}

/** Asks for the bound of one attempt before its bytes may leave. */
export interface ReserveRequest {
  readonly attemptId: string
  /** The budget that pays, as a run's id. */
  readonly budget: string
  /** What is bought: see `completionKey`. A key in doubt, or being bought elsewhere, is not bought again. */
  readonly key: string
  readonly kind: AttemptKind
  readonly provider: string
  readonly model: string
  /** The most this attempt can cost, in pico-credits. */
  readonly bound: bigint
  /** UTC milliseconds. */
  readonly at: number
}

/** The journal's answer: `Wait` may become `Admitted` when calls in flight end; the others are final. */
export type AdmitDecision =
  | { readonly _tag: "Admitted" }
  | { readonly _tag: "Wait" }
  /** `budget` names the one that is too small where that is not the one of the request: a shared one. */
  | { readonly _tag: "Exhausted"; readonly totals: LedgerTotals; readonly budget?: string }
  | { readonly _tag: "InDoubt"; readonly attemptId: string; readonly bound: bigint }
  | { readonly _tag: "Claimed"; readonly attemptId: string; readonly owner: string }

/** How an attempt ended at the provider; see the attempt classes in `docs/guides/retries.md`. */
export type AttemptClass =
  | "Answered"
  | "NotSent"
  | "Rejected"
  | "Throttled"
  | "ServerError"
  | "Ambiguous"
  | "BilledUseless"

/** A reply as it came: what a later decoder, or a person, needs to read it again. */
export interface RawReply {
  readonly status: number
  /** Only the headers that carry evidence: cost, balance, request id, generation time, rate-limit reset. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/** What is known of an attempt when it ends. */
export interface AttemptEnd {
  readonly attemptId: string
  readonly budget: string
  /** 1 for the first HTTP try of a call, 2 for its first retry. */
  readonly number: number
  readonly class: AttemptClass
  /** Undefined when no reply came. */
  readonly status: number | undefined
  readonly requestId: string | undefined
  readonly reason: string | undefined
  /** UTC milliseconds. */
  readonly sentAt: number
  readonly latencyMillis: number
}

/** An end with a known charge. The reply commits in the same transaction as the charge, so neither exists alone. */
export interface Settlement extends AttemptEnd {
  readonly charge: Charge
  readonly reply: RawReply
}

/** A settled reply on record, enough to decode the completion again without buying it. */
export interface SettledReply {
  readonly attemptId: string
  readonly charge: Charge
  readonly reply: RawReply
  readonly latencyMillis: number
}

/** A reservation whose call has an unknown fate. */
export interface HeldCall {
  readonly attemptId: string
  readonly key: string
  readonly kind: AttemptKind
  readonly provider: string
  readonly model: string
  readonly bound: bigint
  readonly reservedAt: number
  readonly reason: string
}

/**
 * What became of a held call: it was not charged; it was charged this much in all (pico-credits), as a person or the
 * provider's books say; or its reply turned up after all.
 */
export type Resolution = "not-charged" | { readonly charged: bigint } | { readonly settlement: Settlement }

/**
 * Where the credit ledger is written. Core says what it needs of a disk; `layerLedgerJournalMemory` and the store's
 * SQLite journal obey.
 *
 * Every method is atomic, and durable when it returns. Ending an attempt that has ended is a no-op, so ends may be
 * repeated after a crash. A reservation without an end belongs to its owner; when that owner is dead, `open` turns it
 * into a hold.
 */
export class LedgerJournal extends Context.Service<
  LedgerJournal,
  {
    /** Sets the budget's limit (its new total, when it exists) and holds what dead owners left in flight. */
    open(budget: string, limit: bigint): Effect.Effect<LedgerTotals, JournalFailed>
    /** Decides each request in order and reserves what is admitted: one atomic compare-and-reserve. */
    admit(requests: ReadonlyArray<ReserveRequest>): Effect.Effect<ReadonlyArray<AdmitDecision>, JournalFailed>
    /** Charges the attempt and keeps its reply, in one transaction; the rest of the bound is free again. */
    settle(settlement: Settlement): Effect.Effect<void, JournalFailed>
    /** Frees the bound of an attempt that certainly was not charged. */
    release(end: AttemptEnd): Effect.Effect<void, JournalFailed>
    /** Keeps the bound of an attempt that may have been charged. */
    hold(end: AttemptEnd): Effect.Effect<void, JournalFailed>
    /**
     * Frees what a held attempt binds, by evidence or by the user's word, and lets its key be bought again. What was
     * settled already stays settled. Gives whether there was such a hold; changes nothing otherwise.
     */
    resolve(attemptId: string, resolution: Resolution): Effect.Effect<boolean, JournalFailed>
    totals(budget: string): Effect.Effect<LedgerTotals, JournalFailed>
    /** Calls of this budget whose fate is unknown, oldest first. */
    held(budget: string): Effect.Effect<ReadonlyArray<HeldCall>, JournalFailed>
    /** The reply that this budget has already paid for under `key`, if any. */
    settledReply(budget: string, key: string): Effect.Effect<SettledReply | undefined, JournalFailed>
  }
>()("core/LedgerJournal") {}
