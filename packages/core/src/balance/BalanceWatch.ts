import { Clock, Context, Effect, Layer } from "effect"
import { HttpClient } from "effect/http"
import { accountBalance } from "../accountBalance.ts"
import { LedgerJournal } from "../LedgerJournal.ts"
import type { JournalFailed, ProviderFailed, ProviderUnreachable, Unauthorized } from "../ModelError.ts"
import type { Provider } from "../Provider.ts"
import { type AuditDecision, auditHolds } from "./auditHolds.ts"
import { type BalanceState, emptyBalance, lowestBalance, type Surely } from "./BalanceState.ts"
import { type BurnRate, burnRate } from "./burnRate.ts"
import { unexplainedSinceBaseline } from "./intervalTest.ts"
import { observeBalance } from "./observeBalance.ts"
import { type NoteBalanceEvent, watchedJournal } from "./watchedJournal.ts"

/** How a provider's account stands, as far as this process can tell. Amounts in pico-credits, times in UTC milliseconds. */
export interface BalanceView {
  readonly provider: string
  /** The lowest balance that no other one is surely newer than; undefined before any was told. */
  readonly balance: bigint | undefined
  /** What others have certainly spent (or an expired batch of credits took), at the least, and when. */
  readonly foreign: Surely | undefined
  /** What has certainly come in, at the least. */
  readonly topUp: Surely | undefined
  /** What the account lost since the first balance beyond own settled charges; told only with nothing in flight. */
  readonly unexplained: { readonly low: bigint; readonly high: bigint } | undefined
  readonly burnRate: BurnRate | undefined
  /** Whether five answers in a row told no balance, so that only reading it can. */
  readonly readWanted: boolean
  /** Whether the balance was read after the last call, with nothing in flight. */
  readonly fresh: boolean
}

type ReadFailure = ProviderFailed | ProviderUnreachable | Unauthorized

/** Watches what replies and readings tell of each provider's balance. It observes: no budget depends on it. */
export class BalanceWatch extends Context.Service<
  BalanceWatch,
  {
    /** By provider, in the order in which they were first used. */
    readonly views: Effect.Effect<ReadonlyArray<BalanceView>>
    view(provider: string): Effect.Effect<BalanceView | undefined>
    /** Asks the provider for its balance, at no cost, and takes it in. Before the first call it makes the best baseline. */
    read(provider: Provider): Effect.Effect<bigint, ReadFailure>
    /**
     * Reads the balance and frees or settles the calls that this process lost, by their sum alone: see `auditHolds`. What
     * is resolved is written to the journal before this returns. `soleProcess` is the caller's word.
     */
    audit(
      provider: Provider,
      options: {
        readonly dropIsCost: boolean | undefined
        readonly soleProcess: boolean
        readonly least?: bigint
        readonly settleMillis?: number
      }
    ): Effect.Effect<AuditDecision, ReadFailure | JournalFailed>
  }
>()("core/BalanceWatch") {}

/** Answers without a balance after which it is worth to ask for it. */
const missingToRead = 5

/**
 * Watches the attempts that pass through a journal, and gives that journal on. It hears what no completion tells: when
 * a call was admitted and ended, which were lost, and each reply's header.
 *
 * `window` is how many ended calls are compared one by one: several times the calls in flight. 64 by default.
 */
export const layerBalanceWatch = (
  options: { readonly window?: number } = {}
): Layer.Layer<BalanceWatch | LedgerJournal, never, LedgerJournal | HttpClient.HttpClient> =>
  Layer.effectContext(
    Effect.gen(function* () {
      const http = yield* HttpClient.HttpClient
      const accounts = new Map<string, BalanceState>()
      const stateOf = (provider: string) => accounts.get(provider) ?? emptyBalance(options.window)
      const note: NoteBalanceEvent = (provider, event) =>
        Effect.map(monotonicMillis, (at) => {
          accounts.set(provider, observeBalance(stateOf(provider), event(at)))
        })
      const journal = watchedJournal(yield* LedgerJournal, note)

      const read = (provider: Provider) =>
        Effect.gen(function* () {
          const sentAt = yield* monotonicMillis
          const balance = yield* accountBalance(provider)
          yield* note(provider.name, (receivedAt) => ({ _tag: "Read", sentAt, receivedAt, balance }))
          return balance
        }).pipe(Effect.provideService(HttpClient.HttpClient, http))

      const view = (provider: string) =>
        Effect.gen(function* () {
          const state = accounts.get(provider)
          const now = yield* monotonicMillis
          return state && viewOf(provider, state, { now, toUtc: (yield* Clock.currentTimeMillis) - now })
        })

      const audit: BalanceWatch["Service"]["audit"] = Effect.fnUntraced(function* (provider, options) {
        const { inFlight, lost } = stateOf(provider.name)
        if (lost.length > 0 && inFlight.length === 0) yield* read(provider)
        const toUtc = (yield* Clock.currentTimeMillis) - (yield* monotonicMillis)
        const decision = auditHolds({ ...options, ...evidenceOf(stateOf(provider.name), toUtc) })
        if (decision._tag === "Resolve") {
          for (const { attemptId, resolution } of decision.resolutions) yield* journal.resolve(attemptId, resolution)
        }
        return decision
      })

      const views = Effect.suspend(() => Effect.forEach([...accounts.keys()], view))
      const watch = BalanceWatch.of({
        views: Effect.map(views, (found) => found.filter((one) => one !== undefined)),
        view,
        read,
        audit
      })
      return Context.make(LedgerJournal, journal).pipe(Context.add(BalanceWatch, watch))
    })
  )

/** A clock that a change of the system's time does not move: an order that was wrong would make proofs wrong. */
const monotonicMillis = Effect.map(Clock.monotonicTimeNanos, (nanos) => Number(nanos) / 1e6)

const viewOf = (
  provider: string,
  state: BalanceState,
  { now, toUtc }: { readonly now: number; readonly toUtc: number }
): BalanceView => {
  const moved = ({ amount, from, to }: Surely): Surely | undefined =>
    amount === 0n ? undefined : { amount, from: Math.round(from + toUtc), to: Math.round(to + toUtc) }
  return {
    provider,
    balance: lowestBalance(state),
    foreign: moved(state.foreign),
    topUp: moved(state.topUp),
    unexplained: unexplainedSinceBaseline(state),
    burnRate: burnRate(state, now),
    readWanted: state.missing >= missingToRead,
    fresh: state.inFlight.length === 0 && state.recent.at(-1)?.source === "endpoint"
  }
}

/** What a state tells of its lost calls. The reading counts from when it was asked for. */
const evidenceOf = (state: BalanceState, toUtc: number) => ({
  unexplained: unexplainedSinceBaseline(state),
  foreignSeen: state.foreign.amount > 0n,
  topUpSeen: state.topUp.amount > 0n,
  now: (state.recent.at(-1)?.sentAt ?? 0) + toUtc,
  held: state.lost.map(({ id, sentAt, bound }) => ({
    attemptId: id,
    bound,
    sentAt: sentAt + toUtc,
    sinceBaseline: state.baseline !== undefined && sentAt > state.baseline.receivedAt
  }))
})
