import type { AttemptEnd, ReserveRequest, Settlement } from "../../LedgerJournal.ts"

/** Plain records of a ledger with something in every field; a test changes what it is about. */
export const aReservation = (attemptId: string, change: Partial<ReserveRequest> = {}): ReserveRequest => ({
  attemptId,
  budget: "budget-1",
  key: keyOf(attemptId),
  kind: "answer",
  provider: "simulator",
  model: "o3-mini",
  bound: 10n,
  at: 1_000,
  ...change
})

/** 32 hex digits that differ from attempt to attempt, as `completionKey` gives them. */
export const keyOf = (attemptId: string): string =>
  Buffer.from(attemptId.padEnd(16, "-").slice(0, 16), "latin1").toString("hex")

export const anEnd = (attemptId: string, change: Partial<AttemptEnd> = {}): AttemptEnd => ({
  attemptId,
  budget: "budget-1",
  number: 1,
  class: "Ambiguous",
  status: undefined,
  requestId: undefined,
  reason: "the socket closed",
  sentAt: 2_000,
  latencyMillis: 30,
  ...change
})

export const aSettlement = (attemptId: string, amount: bigint, change: Partial<Settlement> = {}): Settlement => ({
  ...anEnd(attemptId),
  class: "Answered",
  status: 200,
  requestId: "req-1",
  reason: undefined,
  charge: { amount, source: "header", held: 0n },
  reply: { status: 200, headers: { "x-cost": "0.001" }, body: bodyWith("84") },
  ...change
})

/** A reply's body, as the provider words it. */
export const bodyWith = (content: unknown): string =>
  JSON.stringify({ choices: [{ message: { role: "assistant", content }, finish_reason: "stop" }] })
