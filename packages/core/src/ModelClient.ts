import { Clock, Context, Deferred, Duration, Effect, Exit, Layer, Option, Random, Tracer } from "effect"
import { HttpClient } from "effect/http"
import type { Completion } from "./Completion.ts"
import type { CompletionRequest } from "./CompletionRequest.ts"
import { type FailedCall, freshTrace, makeAttempt } from "./internal/attemptCall.ts"
import { beforeDeadline } from "./internal/beforeDeadline.ts"
import { completionOf } from "./internal/completionOf.ts"
import { decodeReply } from "./internal/decodeReply.ts"
import { giveUp } from "./internal/giveUp.ts"
import type { ConcurrencyRange } from "./internal/limits/AdaptiveConcurrency.ts"
import { makeProviderGate, type ProviderGate, type ProviderStatus } from "./internal/limits/ProviderGate.ts"
import { makeRetryBudget, type RetryBudgetOptions } from "./internal/limits/RetryBudget.ts"
import { makeTimeouts } from "./internal/makeTimeouts.ts"
import { retryDelay } from "./internal/retryDelay.ts"
import { Ledger } from "./Ledger.ts"
import { LedgerJournal } from "./LedgerJournal.ts"
import { type ModelError, RequestRejected, UnexpectedReply } from "./ModelError.ts"
import { type Call, type CallOptions, resolveCall } from "./resolveCall.ts"

/** How a client calls. */
export interface ModelClientOptions extends CallOptions {
  /**
   * Calls in flight to each provider; 4 by default. A number is where it starts and the most it is: a 429 takes a fifth
   * away, at most once in 15 s, and answers bring it back. A range starts lower than its `max`, or never falls under
   * its `min`. Waiting for a retry holds no place.
   */
  readonly concurrency?: number | ConcurrencyRange
  /** Sends a minute to each provider; no 60 s see more than this and a tenth of it as a burst. No limit by default. */
  readonly requestsPerMinute?: number
  /** Milliseconds until an attempt without a whole reply is given up, and held; 120,000 by default. */
  readonly attemptTimeoutMillis?: number
  /**
   * How long a call may take in all, with its waits and retries. What had not been sent by then fails with the last
   * attempt's error or with `RequestRejected`, uncharged; what had been is in doubt. No deadline by default.
   */
  readonly deadline?: Duration.Input
  /**
   * Retries of all calls together: 10, and one more for every 5 answers, by default; those after a wait that the server
   * asked for are not counted. `initial: Infinity` lifts the limit.
   */
  readonly retryBudget?: RetryBudgetOptions
  /**
   * When a provider counts as down: after 5 failed attempts in a row calls fail with `CircuitOpen`, and one may try
   * again after 30 s. `Infinity` failures never open it.
   */
  readonly circuit?: { readonly failures: number; readonly retryAfter: Duration.Input }
  /**
   * Answers from replies that the budget has already paid for, as a resumed run does; one that could not be read fails
   * with `UnexpectedReply` again. Off by default.
   */
  readonly recall?: boolean
}

/** Puts structured prompts to models, under the ledger's budget. */
export class ModelClient extends Context.Service<
  ModelClient,
  {
    /**
     * Puts one prompt to a model and waits for the whole reply.
     *
     * Reserves the bound of each attempt before it is sent, and settles the exact charge with the reply. Retries what was
     * certainly not charged: no connection (4 times), 429 (6 times), the gateway's own report of a server error (twice).
     * A call whose answer was lost fails with `CallInDoubt`: it is held, never repeated. Interrupting stops waiting and
     * holds the bound, since the provider may still charge; it frees the bound where nothing had been sent.
     *
     * Two calls of one key at the same time buy one completion: the second waits for the first, and brings the same with
     * `attempts` 0. `trialIndex` tells repeats apart that are to be bought.
     *
     * After a refusal of the key, the credits or the model, later calls that it concerns fail with the same error, and
     * send nothing, until `reopen`. Once a charge was over its bound, every call fails with `BoundBreach`.
     *
     * An output that is empty, cut or refused is billed, and is a completion: see `finishReason`.
     */
    complete(request: CompletionRequest): Effect.Effect<Completion, ModelError>
    /** How each provider stands: its markup, concurrency, circuit and refusals. */
    readonly status: Effect.Effect<ReadonlyArray<ProviderStatus>>
    /** Lets calls through again after a refusal, as when the account was topped up, and after an open circuit. */
    readonly reopen: Effect.Effect<void>
  }
>()("core/ModelClient") {
  static readonly layer = (options: ModelClientOptions) => Layer.effect(ModelClient, makeModelClient(options))
}

const defaultRetryBudget: RetryBudgetOptions = { initial: 10, perSuccess: 0.2 }
const defaultCircuit = { failures: 5, retryAfter: Duration.seconds(30) }

type Shared = Deferred.Deferred<Completion | undefined, UnexpectedReply>

const makeModelClient = Effect.fnUntraced(function* (options: ModelClientOptions) {
  const ledger = yield* Ledger
  const journal = yield* LedgerJournal
  const http = yield* HttpClient.HttpClient
  const timeouts = yield* makeTimeouts
  const attempt = makeAttempt({ ledger, http, timeouts, timeoutMillis: options.attemptTimeoutMillis ?? 120_000 })
  const retryBudget = makeRetryBudget(options.retryBudget ?? defaultRetryBudget)
  const gates = makeGates(options)
  const deadlineMillis = options.deadline === undefined ? undefined : Duration.toMillis(options.deadline)
  /** What is being bought in this process, by key. */
  const purchases = new Map<string, Shared>()

  /** What was paid for is not bought again, even where it proved useless: that is as final as an answer. */
  const recalled = Effect.fnUntraced(function* (call: Call) {
    const settled = yield* journal.settledReply(ledger.budget, call.key)
    if (settled === undefined) return Option.none<Completion>()
    const decoded = decodeReply(settled.reply.body)
    if (decoded._tag === "Answer") return Option.some(completionOf(decoded, { ...settled, attempts: 0 }))
    const { attemptId, charge } = settled
    const { reason } = decoded
    return yield* new UnexpectedReply({ provider: call.provider.name, attemptId, charged: charge.amount, reason })
  })

  const buy = Effect.fnUntraced(function* (call: Call, gate: ProviderGate, deadlineAt: number) {
    const failures: Array<FailedCall> = []
    const outOfTime = Effect.suspend(() =>
      failures.length > 0
        ? Effect.flatMap(Clock.currentTimeMillis, (now) => giveUp(call, failures, now))
        : Effect.fail(tooLate(call, deadlineMillis ?? 0))
    )
    while (true) {
      const trace = freshTrace()
      const priced = gate.priced(call)
      const number = failures.length + 1
      const passing = gate.pass(priced, attempt(priced, { number, trace, pace: gate.pace, deadlineAt }))
      const outcome = yield* deadlineMillis === undefined
        ? passing
        : beforeDeadline(passing, { deadlineAt, begun: () => trace.begun, outOfTime })
      if (outcome._tag === "Completed") {
        retryBudget.earn()
        return outcome.completion
      }
      failures.push(outcome)
      const delay = retryDelay(failures, yield* Random.next)
      const now = yield* Clock.currentTimeMillis
      // A wait that the server asked for is its own way of spreading the load, and costs no retry.
      const affordable = delay !== undefined && (outcome.retryAfterMillis !== undefined || retryBudget.spend())
      if (!affordable || now + delay >= deadlineAt) {
        return yield* giveUp(priced, failures, now)
      }
      yield* Effect.sleep(delay)
    }
  })

  /** Buys, and tells those who wait for the same key what became of it. */
  const buyForAll = (call: Call, gate: ProviderGate, deadlineAt: number) =>
    Effect.suspend(() => {
      const purchase: Shared = Deferred.makeUnsafe()
      purchases.set(call.key, purchase)
      return Effect.onExit(buy(call, gate, deadlineAt), (exit) =>
        Effect.sync(() => {
          purchases.delete(call.key)
          Deferred.doneUnsafe(purchase, sharedOf(exit))
        })
      )
    })

  const completeUntraced = Effect.fnUntraced(function* (request: CompletionRequest) {
    const call = yield* Effect.fromResult(resolveCall(request, options))
    const gate = gates.get(call.provider.name)
    if (gate === undefined) return yield* Effect.die(`no gate for ${call.provider.name}`)
    const deadlineAt = deadlineMillis === undefined ? Infinity : (yield* Clock.currentTimeMillis) + deadlineMillis
    if (options.recall === true) {
      const completion = yield* recalled(call)
      if (Option.isSome(completion)) return completion.value
    }
    for (let first = purchases.get(call.key); first !== undefined; first = purchases.get(call.key)) {
      const waiting = Deferred.await(first)
      const shared = yield* deadlineMillis === undefined
        ? waiting
        : beforeDeadline(waiting, {
            deadlineAt,
            begun: () => false,
            outOfTime: Effect.fail(tooLate(call, deadlineMillis))
          })
      if (shared !== undefined) return { ...shared, attempts: 0 }
    }
    return yield* buyForAll(call, gate, deadlineAt)
  })

  // With nobody to see it a span is not made; nor is a stack trace, which costs more than the span.
  const complete = (request: CompletionRequest) =>
    Effect.withFiber((fiber) => {
      const completing = completeUntraced(request)
      return fiber.getRef(Tracer.Tracer) === Tracer.nativeTracer
        ? completing
        : Effect.withSpan(completing, "ModelClient.complete", { captureStackTrace: false })
    })

  return ModelClient.of({
    complete,
    status: Effect.forEach(Array.from(gates.values()), (gate) => gate.status),
    reopen: Effect.forEach(Array.from(gates.values()), (gate) => gate.reopen, { discard: true })
  })
})

const makeGates = ({ providers, concurrency = 4, requestsPerMinute, circuit = defaultCircuit }: ModelClientOptions) => {
  const { failures, retryAfter } = circuit
  const gateOptions = {
    concurrency,
    requestsPerMinute,
    circuit: { failures, retryAfterMillis: Duration.toMillis(retryAfter) }
  }
  return new Map(providers.map((provider) => [provider.name, makeProviderGate(provider, gateOptions)]))
}

/** A completion is shared, and so is a reply that was paid for and is useless; whoever waits tries again after all else. */
const sharedOf = (exit: Exit.Exit<Completion, ModelError>): Exit.Exit<Completion | undefined, UnexpectedReply> => {
  if (Exit.isSuccess(exit)) return Exit.succeed(exit.value)
  const error = Exit.findErrorOption(exit)
  return Option.isSome(error) && error.value._tag === "UnexpectedReply"
    ? Exit.fail(error.value)
    : Exit.succeed(undefined)
}

const tooLate = (call: Call, deadlineMillis: number) =>
  new RequestRejected({
    provider: call.provider.name,
    status: 0,
    reason: `the call's deadline of ${Duration.format(Duration.millis(deadlineMillis))} passed while it waited its turn`
  })
