import { Cause, Clock, Effect, Exit, Random, Redacted } from "effect"
import { HttpClient } from "effect/http"
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

/**
 * One attempt: reserve, send, read, and end it in the ledger by what is known of its charge. Whatever happens after the
 * reservation, an interruption too, the attempt ends as settled, released or held before this returns.
 */
export const makeAttempt = (services: {
  readonly ledger: Ledger["Service"]
  readonly http: HttpClient.HttpClient
  readonly timeoutMillis: number
}) => {
  const { ledger, http, timeoutMillis } = services

  const send = (call: Call) =>
    http.execute(encodeRequest(call.request, call.provider)).pipe(
      Effect.flatMap((response) =>
        Effect.map(response.text, (body) => ({
          status: response.status,
          headers: response.headers,
          body: maskKey(body, call.provider)
        }))
      ),
      Effect.timeout(timeoutMillis),
      // Most clients of Effect send `traceparent` and `b3` unless they are told not to.
      Effect.provideService(HttpClient.TracerPropagationEnabled, false)
    )

  return (call: Call, number: number): Effect.Effect<AttemptOutcome, ModelError> =>
    Effect.uninterruptibleMask((restore) =>
      Effect.gen(function* () {
        const attemptId = yield* nextAttemptId
        const sentAt = yield* Clock.currentTimeMillis
        const { key, bound, provider, model, request } = call
        const kind = request.kind ?? "answer"
        yield* ledger.reserve({ attemptId, key, kind, provider: provider.name, model: model.slug, bound, at: sentAt })

        const startedAt = yield* Clock.currentTimeMillis
        const progress = freshProgress()
        let begun = false
        const sending = Effect.suspend(() => {
          begun = true
          return send(call)
        })
        const exit = yield* restore(sending).pipe(Effect.provideService(CurrentProgress, progress), Effect.exit)
        const now = yield* Clock.currentTimeMillis
        const latencyMillis = now - startedAt
        const end = { attemptId, budget: ledger.budget, number, sentAt: startedAt, latencyMillis }

        if (Exit.isFailure(exit)) {
          const failure = begun ? failureOf(exit.cause, progress) : interruptedBefore
          const reason = maskKey(failure.reason, provider)
          const lost = { ...end, class: failure.class, reason, status: undefined, requestId: undefined }
          yield* failure.class === "NotSent" ? ledger.release(lost) : ledger.hold(lost)
          if (Cause.hasInterruptsOnly(exit.cause)) return yield* Effect.interrupt
          return failed(lost)
        }

        const { status, headers, body } = exit.value
        const reply: RawReply = { status, headers: evidenceOf(headers), body }
        const answered = { ...end, status, requestId: headers["x-request-id"] }
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
      const charge = chargeOf(reply.headers, decoded.usage, call)
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

/** Gateways echo keys in errors. A shorter key than this is a local server's placeholder, and may be a plain word. */
const shortestSecret = 12

const maskKey = (text: string, { apiKey }: Provider): string => {
  const key = Redacted.value(apiKey)
  return key.length >= shortestSecret ? text.replaceAll(key, "…") : text
}

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
