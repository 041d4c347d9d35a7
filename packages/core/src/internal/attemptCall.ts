import { Cause, Clock, Effect, Exit, Random } from "effect"
import { HttpClient, type HttpClientRequest } from "effect/http"
import type { Charge, Completion } from "../Completion.ts"
import { formatCredits } from "../Credits.ts"
import type { Ledger } from "../Ledger.ts"
import type { AttemptClass, AttemptEnd, RawReply } from "../LedgerJournal.ts"
import type { ModelError } from "../ModelError.ts"
import type { Provider } from "../Provider.ts"
import type { Call } from "../resolveCall.ts"
import { chargeOf } from "./chargeOf.ts"
import { classifyReply, type Refusal } from "./classifyReply.ts"
import { completionOf } from "./completionOf.ts"
import { decodeReply } from "./decodeReply.ts"
import { encodeRequest } from "./encodeRequest.ts"
import { type HttpReply, maskKey } from "./HttpReply.ts"
import type { Timeouts } from "./makeTimeouts.ts"
import { pollJob, readJobId } from "./pollJob.ts"
import { resetDelay } from "./resetDelay.ts"
import { failureOf } from "./sendFailure.ts"
import { CurrentProgress, freshProgress } from "./transport/RequestProgress.ts"

/** An attempt that brought no completion, and has ended in the ledger. */
export interface FailedCall {
  readonly _tag: "Failed"
  readonly attemptId: string
  readonly class: AttemptClass
  readonly refusal: Refusal | undefined
  readonly status: number | undefined
  readonly reason: string
  readonly retryAfterMillis: number | undefined
  /** What a billed but unreadable reply cost, in pico-credits. */
  readonly charged: bigint
}

export type AttemptOutcome = { readonly _tag: "Completed"; readonly completion: Completion } | FailedCall

/** The reply headers that are kept as evidence. */
const evidenceHeaders = [
  "x-cost",
  "x-litellm-response-cost",
  "x-remaining-credits",
  "x-request-id",
  "x-generation-time",
  "x-rate-limit-reset-at-utc"
]

/** What the caller may know of an attempt while it is under way. */
export interface AttemptTrace {
  /** Whether the request was given to the network: before, an interruption loses nothing. */
  begun: boolean
  /** UTC milliseconds when it was. */
  startedAt: number
  /** The id of a submitted job, by which its result can be asked for again. */
  jobId: string | undefined
}

export const freshTrace = (): AttemptTrace => ({ begun: false, startedAt: 0, jobId: undefined })

/** What one attempt runs under. */
export interface AttemptOptions {
  /** 1 for the first HTTP try of a call. */
  readonly number: number
  readonly trace: AttemptTrace
  /** Waits for the right to send, once the bound is reserved. */
  readonly pace: Effect.Effect<void> | undefined
  /** UTC milliseconds after which no reply is waited for; `Infinity` without a deadline. */
  readonly deadlineAt: number
}

/** How long Segmind's own client waits for a job (wire contract A8). */
const jobPatienceMillis = 600_000

/**
 * One attempt: reserve, send, read, and end it in the ledger by what is known of its charge. Whatever happens after the
 * reservation, an interruption too, the attempt ends as settled, released or held before this returns.
 */
export const makeAttempt = (services: {
  readonly ledger: Ledger["Service"]
  readonly http: HttpClient.HttpClient
  readonly timeouts: Timeouts
  readonly timeoutMillis: number
}) => {
  const { ledger, http, timeouts, timeoutMillis } = services

  const exchange = (provider: Provider, request: HttpClientRequest.HttpClientRequest, timeout: number) => {
    const reply = Effect.flatMap(http.execute(request), (response) =>
      Effect.map(
        response.text,
        (body): HttpReply => ({ status: response.status, headers: response.headers, body: maskKey(body, provider) })
      )
    )
    return timeouts(reply, timeout)
  }

  /** The whole of an attempt's traffic: one exchange, or a submitted job and its polls. */
  const send = (call: Call, trace: AttemptTrace, leftMillis: number) => {
    const { provider, request } = call
    const submit = exchange(provider, encodeRequest(request, provider), Math.min(timeoutMillis, leftMillis))
    if (provider.protocol !== "segmind-v2") return submit
    return Effect.flatMap(submit, (submitted) => {
      const id = submitted.status === 200 ? readJobId(submitted.body) : undefined
      if (id === undefined) return Effect.succeed(submitted)
      trace.jobId = id
      const patienceMillis = Math.min(jobPatienceMillis, leftMillis)
      return pollJob((poll, timeout) => exchange(provider, poll, timeout), provider, { id, patienceMillis })
    })
  }

  return (call: Call, options: AttemptOptions): Effect.Effect<AttemptOutcome, ModelError> =>
    Effect.uninterruptibleMask((restore) =>
      Effect.gen(function* () {
        const attemptId = yield* nextAttemptId
        const at = yield* Clock.currentTimeMillis
        const { key, bound, provider, model, request } = call
        const { number, trace, pace, deadlineAt } = options
        const kind = request.kind ?? "answer"
        yield* ledger.reserve({ attemptId, key, kind, provider: provider.name, model: model.slug, bound, at })

        const progress = freshProgress()
        const sending = Effect.flatMap(Clock.currentTimeMillis, (startedAt) => {
          trace.begun = true
          trace.startedAt = startedAt
          return send(call, trace, deadlineAt - startedAt)
        })
        const exit = yield* restore(pace === undefined ? sending : Effect.andThen(pace, sending)).pipe(
          Effect.provideService(CurrentProgress, progress),
          // Most clients of Effect send `traceparent` and `b3` unless they are told not to.
          Effect.provideService(HttpClient.TracerPropagationEnabled, false),
          Effect.exit
        )
        const now = yield* Clock.currentTimeMillis
        const startedAt = trace.begun ? trace.startedAt : now
        const latencyMillis = now - startedAt
        const end = { attemptId, budget: ledger.budget, number, sentAt: startedAt, latencyMillis }

        if (Exit.isFailure(exit)) {
          const failure = trace.begun ? failureOf(exit.cause, progress) : interruptedBefore
          const reason = maskKey(failure.reason, provider)
          const lost = { ...end, class: failure.class, reason, status: undefined, requestId: trace.jobId }
          yield* failure.class === "NotSent" ? ledger.release(lost) : ledger.hold(lost)
          if (Cause.hasInterruptsOnly(exit.cause)) return yield* Effect.interrupt
          return failed(lost)
        }

        const { status, headers, body } = exit.value
        const reply: RawReply = { status, headers: evidenceOf(headers), body }
        const answered = { ...end, status, requestId: trace.jobId ?? headers["x-request-id"] }
        if (status === 200) return yield* settleReply(call, answered, reply)

        const classified = classifyReply(reply, latencyMillis)
        const refused = { ...answered, class: classified.class, reason: classified.reason }
        yield* classified.class === "Ambiguous" ? ledger.hold(refused) : ledger.release(refused)
        const retryAfterMillis = status === 429 || status === 503 ? resetDelay(headers, now) : undefined
        return failed({ ...refused, refusal: classified.refusal, retryAfterMillis })
      })
    )

  /** A 200 is billed, whatever it holds; only one that says neither cost nor usage leaves its charge in doubt. */
  function settleReply(call: Call, end: Omit<AttemptEnd, "class" | "reason">, reply: RawReply) {
    return Effect.gen(function* () {
      const decoded = decodeReply(reply.body)
      const charge = chargeOf(reply.headers, decoded.usage, call, reply.body)
      if (decoded._tag === "Unusable" && charge.source === "bound") {
        const lost = { ...end, class: "Ambiguous", reason: decoded.reason } as const
        yield* ledger.hold(lost)
        return failed(lost)
      }
      const useless = decoded._tag === "Unusable"
      const reason = useless ? decoded.reason : undefined
      yield* ledger.settle({ ...end, class: useless ? "BilledUseless" : "Answered", reason, charge, reply })
      if (charge.amount > call.bound) yield* warnOfBreach(call, charge)
      if (useless) {
        return failed({ ...end, class: "BilledUseless", reason: decoded.reason, charged: charge.amount })
      }
      const { attemptId, number: attempts, latencyMillis } = end
      const completion = completionOf(decoded, { attemptId, attempts, charge, reply, latencyMillis })
      return { _tag: "Completed", completion } as const
    })
  }
}

/** The caller had gone before the request was given to the client, as while the journal reserved. */
const interruptedBefore = { class: "NotSent", reason: "interrupted before it was sent" } as const

const warnOfBreach = ({ bound, model, provider }: Call, charge: Charge) =>
  Effect.logWarning(
    `${provider.name} charged ${formatCredits(charge.amount)} credits for a call to ${model.slug} that was bounded by ` +
      `${formatCredits(bound)}: its prices are higher than declared, and the budget holds only as far as the bounds do.`
  )

const failed = (
  fields: Pick<FailedCall, "attemptId" | "class" | "status"> & {
    readonly reason?: string | undefined
    readonly refusal?: Refusal | undefined
    readonly retryAfterMillis?: number | undefined
    readonly charged?: bigint
  }
): FailedCall => ({
  _tag: "Failed",
  attemptId: fields.attemptId,
  class: fields.class,
  refusal: fields.refusal,
  status: fields.status,
  reason: fields.reason ?? "no reason given",
  retryAfterMillis: fields.retryAfterMillis,
  charged: fields.charged ?? 0n
})

const evidenceOf = (headers: Readonly<Record<string, string | undefined>>): Record<string, string> => {
  const kept: Record<string, string> = {}
  for (const name of evidenceHeaders) {
    const value = headers[name]
    if (value !== undefined) kept[name] = value
  }
  return kept
}

/** 52 bits of chance in hex: unique among all attempts of a store, and the same in a test with a seeded `Random`. */
const nextAttemptId = Effect.map(Random.next, (share) =>
  Math.floor(share * 2 ** 52)
    .toString(16)
    .padStart(13, "0")
)
