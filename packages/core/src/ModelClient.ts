import { Clock, Context, Effect, Layer, Option, Random, Semaphore } from "effect"
import { HttpClient } from "effect/http"
import type { Completion } from "./Completion.ts"
import type { CompletionRequest } from "./CompletionRequest.ts"
import { callBound, promptTokenBound } from "./callBound.ts"
import { completionKey } from "./completionKey.ts"
import { type Call, type FailedCall, makeAttempt } from "./internal/attemptCall.ts"
import { completionOf } from "./internal/completionOf.ts"
import { decodeReply } from "./internal/decodeReply.ts"
import { giveUp } from "./internal/giveUp.ts"
import { retryDelay } from "./internal/retryDelay.ts"
import { Ledger } from "./Ledger.ts"
import { LedgerJournal } from "./LedgerJournal.ts"
import { findModel, type ModelInfo } from "./ModelCatalogue.ts"
import { type ModelError, RequestRejected } from "./ModelError.ts"
import type { Provider } from "./Provider.ts"

/** How a client calls. */
export interface ModelClientOptions {
  /** At least one; the first is the default of requests that name none. */
  readonly providers: readonly [Provider, ...ReadonlyArray<Provider>]
  /** Limits of models that the catalogue does not know. */
  readonly models?: ReadonlyArray<ModelInfo>
  /** Calls in flight at most; 4 by default. Waiting for a retry holds no permit. */
  readonly concurrency?: number
  /** Milliseconds until an attempt without a whole reply is given up, and held; 120,000 by default. */
  readonly attemptTimeoutMillis?: number
  /** Answers from replies that the budget has already paid for, as a resumed run does. Off by default. */
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
     * certainly not charged: no connection (4 times), 429 (6 times), the gateway's own 500 (twice). A call whose answer
     * was lost fails with `CallInDoubt`: it is held, never repeated. Interrupting stops waiting and holds the bound,
     * since the provider may still charge.
     */
    complete(request: CompletionRequest): Effect.Effect<Completion, ModelError>
    /** The most one attempt of this request may cost, in pico-credits, without sending anything. */
    bound(request: CompletionRequest): Effect.Effect<bigint, RequestRejected>
  }
>()("core/ModelClient") {
  static readonly layer = (options: ModelClientOptions) => Layer.effect(ModelClient, makeModelClient(options))
}

const makeModelClient = Effect.fnUntraced(function* (options: ModelClientOptions) {
  const ledger = yield* Ledger
  const journal = yield* LedgerJournal
  const http = yield* HttpClient.HttpClient
  const permits = yield* Semaphore.make(options.concurrency ?? 4)
  const attempt = makeAttempt({ ledger, http, timeoutMillis: options.attemptTimeoutMillis ?? 120_000 })
  const providers = new Map(options.providers.map((provider) => [provider.name, provider]))
  const declared = new Map((options.models ?? []).map((model) => [model.slug, model]))

  /** Resolves names and refuses what cannot succeed, before it costs anything. */
  const prepare = (request: CompletionRequest): Effect.Effect<Call, RequestRejected> => {
    const provider = request.provider === undefined ? options.providers[0] : providers.get(request.provider)
    const refuse = (reason: string) =>
      Effect.fail(new RequestRejected({ provider: provider?.name ?? request.provider ?? "", status: 0, reason }))
    if (provider === undefined) {
      return refuse(`no provider is called "${request.provider}"; known: ${Array.from(providers.keys()).join(", ")}`)
    }
    const model = declared.get(request.model) ?? findModel(request.model)
    if (!/^[A-Za-z0-9._-]+$/.test(request.model)) return refuse(`"${request.model}" is not a model slug`)
    if (model === undefined) {
      return refuse(`the model ${request.model} is not in the catalogue: declare its limits and prices`)
    }
    if (request.messages.length === 0) return refuse("it has no messages")
    if (request.reasoningEffort !== undefined && !model.reasoningEffort) {
      return refuse(`${model.slug} has no reasoning effort`)
    }
    if (!Number.isSafeInteger(request.maxCompletionTokens) || request.maxCompletionTokens < 1) {
      return refuse("maxCompletionTokens must be a whole number of 1 or more")
    }
    if (request.maxCompletionTokens > model.outputLimitTokens) {
      return refuse(`maxCompletionTokens is over the ${model.outputLimitTokens} that ${model.slug} can give`)
    }
    // A token holds about 3 bytes of English; at 8 bytes a token even dense text is over the window for certain.
    if (promptTokenBound(request) > 8 * model.contextTokens) {
      return refuse(`the prompt is over the ${model.contextTokens} tokens of ${model.slug}'s context window`)
    }
    return Effect.succeed({
      request,
      provider,
      model,
      key: completionKey(request, provider),
      bound: callBound(request, model, provider)
    })
  }

  const recalled = (call: Call) =>
    Effect.map(journal.settledReply(ledger.budget, call.key), (settled) => {
      if (settled === undefined) return Option.none<Completion>()
      const decoded = decodeReply(settled.reply.body)
      return decoded._tag === "Unusable"
        ? Option.none<Completion>()
        : Option.some(completionOf(decoded, { ...settled, attempts: 0 }))
    })

  const complete = Effect.fn("ModelClient.complete")(function* (request: CompletionRequest) {
    const call = yield* prepare(request)
    if (options.recall === true) {
      const completion = yield* recalled(call)
      if (Option.isSome(completion)) return completion.value
    }
    const failures: Array<FailedCall> = []
    while (true) {
      const outcome = yield* permits.withPermit(attempt(call, failures.length + 1))
      if (outcome._tag === "Completed") return outcome.completion
      failures.push(outcome)
      const delay = retryDelay(failures, yield* Random.next)
      if (delay === undefined) return yield* giveUp(call, failures, yield* Clock.currentTimeMillis)
      yield* Effect.sleep(delay)
    }
  })

  return ModelClient.of({ complete, bound: (request) => Effect.map(prepare(request), ({ bound }) => bound) })
})
