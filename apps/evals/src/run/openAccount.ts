import {
  accountBalance,
  type BalanceView,
  BalanceWatch,
  formatCredits,
  LedgerJournal,
  type LedgerTotals,
  layerBalanceWatch,
  type Provider
} from "@assay/core"
import { Context, Effect, Layer, Option } from "effect"

/** The account that a run spends from, seen beside the ledger. */
export interface RunAccount {
  /** The journal that the run has to write through, so that what it does can be watched. */
  readonly journal: Layer.Layer<LedgerJournal>
  /** What there is to say of the account after the run, a fact each, with the ledger's totals before and after it. */
  readonly facts: (before: LedgerTotals, after: LedgerTotals) => Effect.Effect<ReadonlyArray<string>>
}

/**
 * Opens the account of a run. A simulator's account is this run's alone, so its fall must be the ledger's sum; a real
 * one is shared with others, so only what the balances prove is told; other servers have none.
 */
export const openAccount = Effect.fn("openAccount")(function* (provider: Provider, concurrency: number) {
  if (provider.simulated) return yield* openSimulated(provider)
  if (provider.protocol !== "openai") return yield* openWatched(provider, concurrency)
  return { journal: Layer.succeed(LedgerJournal, yield* LedgerJournal), facts: () => Effect.succeed([]) }
})

const openSimulated = Effect.fnUntraced(function* (provider: Provider) {
  const context = yield* Effect.context<Effect.Services<ReturnType<typeof accountBalance>>>()
  const opening = yield* accountBalance(provider)
  return {
    journal: Layer.succeed(LedgerJournal, yield* LedgerJournal),
    facts: (before, after) =>
      Effect.map(Effect.option(Effect.provideContext(accountBalance(provider), context)), (balance) => [
        simulatedFact(
          Option.map(balance, (closing) => opening - closing),
          { settled: after.settled - before.settled, held: after.held }
        )
      ])
  } satisfies RunAccount
})

const openWatched = Effect.fnUntraced(function* (provider: Provider, concurrency: number) {
  // The interval test compares calls one by one, so it has to remember several rounds of them.
  const context = yield* Layer.build(layerBalanceWatch({ window: Math.max(64, 4 * concurrency) }))
  const watch = Context.get(context, BalanceWatch)
  yield* Effect.ignore(watch.read(provider))
  return {
    journal: Layer.succeed(LedgerJournal, Context.get(context, LedgerJournal)),
    facts: () =>
      Effect.map(Effect.andThen(Effect.ignore(watch.read(provider)), watch.view(provider.name)), (view) =>
        view === undefined ? [] : watchedFacts(view)
      )
  } satisfies RunAccount
})

/** Amounts in pico-credits. */
const simulatedFact = (
  fall: Option.Option<bigint>,
  ledger: { readonly settled: bigint; readonly held: bigint }
): string => {
  if (Option.isNone(fall)) return "does not answer any more, so the ledger cannot be compared with it"
  const { held, settled } = ledger
  const amounts = `dropped by ${formatCredits(fall.value)}, the ledger settled ${formatCredits(settled)}`
  const more = fall.value - settled
  if (more === 0n) return `${amounts}: equal to the last pico-credit`
  if (more < 0n) return `${amounts}: ${formatCredits(-more)} less`
  return `${amounts}: ${formatCredits(more)} more${more <= held ? ", covered by what is held" : ""}`
}

const watchedFacts = ({ balance, foreign, topUp, unexplained }: BalanceView): ReadonlyArray<string> => [
  ...(balance === undefined ? [] : [`${formatCredits(balance)} credits left`]),
  ...(unexplained === undefined ? [] : [unexplainedFact(unexplained)]),
  ...(foreign === undefined ? [] : [`others spent at least ${formatCredits(foreign.amount)}, or credits expired`]),
  ...(topUp === undefined ? [] : [`at least ${formatCredits(topUp.amount)} came in`])
]

const unexplainedFact = ({ low, high }: { readonly low: bigint; readonly high: bigint }): string =>
  low <= 0n && high >= 0n
    ? "the account and the ledger agree"
    : `between ${formatCredits(low)} and ${formatCredits(high)} credits of its fall are not in the ledger`
