import { Clock, Context, Effect, Layer, Option, Random, Semaphore } from "effect"
import { HttpClient } from "effect/http"
import type { Completion } from "./Completion.ts"
import type { CompletionRequest } from "./CompletionRequest.ts"
import { type FailedCall, makeAttempt } from "./internal/attemptCall.ts"
import { completionOf } from "./internal/completionOf.ts"
import { decodeReply } from "./internal/decodeReply.ts"
import { giveUp } from "./internal/giveUp.ts"
import { retryDelay } from "./internal/retryDelay.ts"
import { Ledger } from "./Ledger.ts"
import { LedgerJournal } from "./LedgerJournal.ts"
import { type ModelError, UnexpectedReply } from "./ModelError.ts"
import { type Call, type CallOptions, resolveCall } from "./resolveCall.ts"

/** How a client calls. */
export interface ModelClientOptions extends CallOptions {
  /** Calls in flight at most; 4 by default. Waiting for a retry holds no permit. */
  readonly concurrency?: number
  /** Milliseconds until an attempt without a whole reply is given up, and held; 120,000 by default. */
  readonly attemptTimeoutMillis?: number
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
     * An output that is empty, cut or refused is billed, and is a completion: see `finishReason`.
     */
    complete(request: CompletionRequest): Effect.Effect<Completion, ModelError>
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

  const complete = Effect.fn("ModelClient.complete")(function* (request: CompletionRequest) {
    const call = yield* Effect.fromResult(resolveCall(request, options))
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

  return ModelClient.of({ complete })
})
