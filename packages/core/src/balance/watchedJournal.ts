import { Clock, Effect } from "effect"
import type { Charge } from "../Completion.ts"
import { parseCredits } from "../Credits.ts"
import { readStatedAmounts } from "../internal/readStatedAmounts.ts"
import type { LedgerJournal, RawReply, Resolution } from "../LedgerJournal.ts"
import { defaultSettleMillis } from "./auditHolds.ts"
import type { BalanceEvent, ChargeRange } from "./BalanceEvent.ts"

/** Takes an event of a provider's account, at a time that it stamps itself. */
export type NoteBalanceEvent = (provider: string, event: (at: number) => BalanceEvent) => Effect.Effect<void>

/**
 * A journal that tells every beginning and end of an attempt as an event around its provider's account. An end is noted
 * before it is written: the account was charged, whether or not the disk takes it.
 */
export const watchedJournal = (journal: LedgerJournal["Service"], note: NoteBalanceEvent): LedgerJournal["Service"] => {
  /** The provider of each call without an end, and of each that was lost. */
  const providers = new Map<string, string>()

  const begin = ({ attemptId: id, bound, provider }: Begun) => {
    providers.set(id, provider)
    return note(provider, (at) => ({ _tag: "Sent", id, at, bound }))
  }
  const end = (id: string, event: (at: number) => BalanceEvent) =>
    Effect.suspend(() => {
      const provider = providers.get(id)
      providers.delete(id)
      return provider === undefined ? Effect.void : note(provider, event)
    })
  const lose = (id: string) =>
    Effect.suspend(() => {
      const provider = providers.get(id)
      return provider === undefined ? Effect.void : note(provider, (at) => ({ _tag: "Lost", id, at }))
    })

  /** What a run left behind a short while ago may still be charged, and is no one else's spend. */
  const takeOver = (budget: string) =>
    Effect.gen(function* () {
      const now = yield* Clock.currentTimeMillis
      for (const held of yield* journal.held(budget)) {
        if (providers.has(held.attemptId) || now - held.reservedAt > defaultSettleMillis) continue
        yield* begin(held)
        yield* lose(held.attemptId)
      }
    })

  return {
    ...journal,
    open: (budget, limit) => Effect.tap(journal.open(budget, limit), () => takeOver(budget)),
    admit: (requests) =>
      Effect.tap(journal.admit(requests), (decisions) =>
        Effect.forEach(
          requests.filter((_, index) => decisions[index]?._tag === "Admitted"),
          begin,
          { discard: true }
        )
      ),
    settle: (settlement) => {
      const { attemptId: id, charge, reply } = settlement
      const answered = end(id, (at) => ({
        _tag: "Answered",
        id,
        at,
        charge: chargeRange(charge),
        balance: balanceIn(reply)
      }))
      return Effect.andThen(answered, journal.settle(settlement))
    },
    release: (attemptEnd) => {
      const { attemptId: id } = attemptEnd
      const freed = end(id, (at) => ({ _tag: "Freed", id, at }))
      return Effect.andThen(freed, journal.release(attemptEnd))
    },
    hold: (attemptEnd) => Effect.andThen(lose(attemptEnd.attemptId), journal.hold(attemptEnd)),
    resolve: (id, resolution) =>
      Effect.tap(journal.resolve(id, resolution), (found) =>
        found ? end(id, (at) => ({ _tag: "Resolved", id, at, charged: chargedBy(resolution) })) : Effect.void
      )
  }
}

interface Begun {
  readonly attemptId: string
  readonly provider: string
  readonly bound: bigint
}

/** The balance that a reply tells, in its header or in its body. */
const balanceIn = ({ body, headers }: RawReply): bigint | undefined =>
  parseCredits(headers["x-remaining-credits"] ?? "", "down") ?? readStatedAmounts(body).remainingCredits

const chargedBy = (resolution: Resolution): bigint => {
  if (resolution === "not-charged") return 0n
  return "charged" in resolution ? resolution.charged : resolution.settlement.charge.amount
}

/** What a charge can be in truth: exact when the provider stated it, else anything up to what is settled and held. */
export const chargeRange = ({ amount, held, source }: Charge): ChargeRange =>
  source === "header" ? { low: amount, high: amount } : { low: 0n, high: amount + held }
