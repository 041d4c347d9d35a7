import {
  accountBalance,
  type CompletionRequest,
  findModel,
  formatCredits,
  Ledger,
  LedgerJournal,
  ModelClient,
  type ModelError,
  type ModelInfo,
  type Provider,
  parseCredits
} from "@assay/core"
import { layerStore } from "@assay/store"
import { Clock, DateTime, Effect, Layer, Random, Redacted, Result } from "effect"
import { ExitCode } from "../../ExitCode.ts"
import { failure } from "../../Failure.ts"
import { askConsent, probeCost } from "./askConsent.ts"
import { type Balances, type ProbeFacts, totalOf } from "./ProbeFacts.ts"
import { layerProbeWire, ProbeWire } from "./ProbeWire.ts"
import { probeRequests } from "./probeRequests.ts"
import { profileOf } from "./profileOf.ts"

export interface ProbeOptions {
  readonly model: string
  readonly yes: boolean
  /** Seconds until a call that was given up counts as not charged. */
  readonly wait: number
  readonly database: { readonly file: string }
  readonly say: (line: string) => Effect.Effect<void>
}

/** So long a call is left in flight before it is given up: its bytes are at the provider, and no model answers so fast. */
const abortAfterMillis = 400

/**
 * Answers the questions that only a real call can, with six of them, in a budget of their own in the project's ledger.
 * Fails with the provider's error when the first call is not even answered by "there is no such model".
 */
export const probeProvider = Effect.fn("probeProvider")(function* (provider: Provider, options: ProbeOptions) {
  const model = findModel(options.model)
  if (model === undefined) {
    return yield* failure({
      code: "E0114",
      what: `the model ${options.model} is not in the catalogue, so its prices are not known`,
      kept: "nothing was sent or charged",
      fix: "--model o3-mini",
      exit: ExitCode.usage
    })
  }
  const cost = probeCost(provider, model)
  yield* askConsent(cost, { ...options, provider })
  const budget = `probe-${Math.floor((yield* Random.next) * 2 ** 32).toString(16)}`
  const services = Layer.merge(Ledger.layer({ budget, limit: cost.provable }), layerProbeWire).pipe(
    Layer.provideMerge(layerStore({ file: options.database.file }))
  )
  return yield* Effect.gen(function* () {
    const facts = yield* gatherFacts(provider, model, options)
    const { held, settled } = yield* (yield* LedgerJournal).totals(budget)
    const doubt = held === 0n ? "" : `, ${formatCredits(held)} still held`
    yield* options.say(`probe: ${formatCredits(settled)} credits settled${doubt}`)
    const probedAt = DateTime.formatIso(DateTime.makeUnsafe(yield* Clock.currentTimeMillis))
    return profileOf(facts, { provider, model, probedAt })
  }).pipe(Effect.provide(services))
})

const gatherFacts = Effect.fnUntraced(function* (provider: Provider, model: ModelInfo, { say, wait }: ProbeOptions) {
  const wire = yield* ProbeWire
  const requests = probeRequests(model)
  const balances = readBalances(provider)
  const path = provider.protocol === "openai" ? "/chat/completions" : `/${model.slug}`

  const before = yield* balances
  yield* say("probe: does the model answer, and stop at 16 tokens?")
  const asked = yield* ask(provider, requests.capped)
  if (Result.isFailure(asked) && !saysSomethingOfTheModel(asked.failure)) return yield* asked.failure
  const capped = { asked, exchange: yield* wire.last(path) }
  const afterCapped = yield* balances
  const stopped: ProbeFacts = {
    before,
    capped,
    afterCapped,
    low: asked,
    high: asked,
    afterPair: undefined,
    temperature: undefined,
    refusedKey: undefined,
    beforeAbort: undefined,
    aborted: asked,
    afterAbort: undefined
  }
  if (Result.isFailure(asked)) return stopped

  // A cap that was seen to bite makes the later bounds small.
  const bites =
    asked.success.finishReason === "length" &&
    (asked.success.usage?.completionTokens ?? Infinity) <= requests.capped.maxCompletionTokens
  const known = bites ? { ...provider, capHonoured: true } : provider
  yield* say("probe: what do two calls at once cost and tell, at low and high effort?")
  const [low, high] = yield* Effect.all([ask(known, requests.low), ask(known, requests.high)], { concurrency: 2 })
  const afterPair = yield* balances
  yield* say("probe: what is answered to a temperature, and to a wrong key?")
  yield* wire.adding({ temperature: 0 }, ask(known, requests.temperature))
  const temperature = yield* wire.last(path)
  yield* ask({ ...known, apiKey: Redacted.make("SG_0000000000000000") }, requests.refusedKey)
  const refusedKey = yield* wire.last(path)
  const beforeAbort = yield* balances
  yield* say(`probe: is a call that is given up charged? (waits up to ${wait} s)`)
  const aborted = yield* ask(known, requests.aborted, abortAfterMillis)
  const afterAbort = yield* balanceAfterDrop(balances, beforeAbort, wait)
  yield* settleAborted(aborted, beforeAbort, afterAbort)
  return {
    ...stopped,
    low,
    high,
    afterPair,
    temperature,
    refusedKey,
    beforeAbort,
    aborted,
    afterAbort
  } satisfies ProbeFacts
})

/** One call without retries. What the provider refuses is an answer, too. */
const ask = (provider: Provider, request: CompletionRequest, attemptTimeoutMillis = 120_000) =>
  Effect.flatMap(ModelClient, (client) => Effect.result(client.complete(request))).pipe(
    Effect.provide(
      ModelClient.layer({
        providers: [provider],
        retryBudget: { initial: 0, perSuccess: 0 },
        attemptTimeoutMillis
      })
    )
  )

/** An account in trouble, or a network, tells nothing of the model. */
const saysSomethingOfTheModel = ({ _tag }: ModelError): boolean => _tag === "ModelRetired" || _tag === "RequestRejected"

const readBalances = (provider: Provider) =>
  provider.protocol === "openai"
    ? Effect.undefined
    : Effect.gen(function* () {
        yield* accountBalance(provider)
        const exchange = yield* (yield* ProbeWire).last("/get-user-credits")
        const amount = (name: string) =>
          parseCredits(new RegExp(`"${name}"\\s*:\\s*"?([0-9.eE+-]+)`).exec(exchange?.body ?? "")?.[1] ?? "", "down")
        const credits = amount("credits")
        return credits === undefined ? undefined : ({ credits, free: amount("free-credits") ?? 0n } satisfies Balances)
      }).pipe(Effect.catch(() => Effect.undefined))

/** The balance once it has dropped, or after the wait. */
const balanceAfterDrop = <R>(
  balances: Effect.Effect<Balances | undefined, never, R>,
  before: Balances | undefined,
  wait: number
) =>
  Effect.gen(function* () {
    for (let second = 0; ; second += 1) {
      const now = yield* balances
      if (before === undefined || now === undefined || totalOf(now) < totalOf(before) || second >= wait) return now
      yield* Effect.sleep("1 second")
    }
  })

/** Nothing else of ours was in flight, so what the account lost meanwhile is the call's charge. */
const settleAborted = Effect.fnUntraced(function* (
  aborted: Result.Result<unknown, ModelError>,
  before: Balances | undefined,
  after: Balances | undefined
) {
  if (Result.isSuccess(aborted) || aborted.failure._tag !== "CallInDoubt") return
  if (before === undefined || after === undefined) return
  const charged = totalOf(before) - totalOf(after)
  if (charged <= 0n || charged > aborted.failure.held) return
  yield* (yield* LedgerJournal).resolve(aborted.failure.attemptId, { charged })
})
