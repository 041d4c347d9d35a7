import { Clock, Duration, Effect, Exit, Semaphore } from "effect"
import { callBound } from "../../callBound.ts"
import { CircuitOpen, type ModelError } from "../../ModelError.ts"
import type { Provider } from "../../Provider.ts"
import type { Call } from "../../resolveCall.ts"
import type { AttemptOutcome } from "../attemptCall.ts"
import { refusalOf } from "../giveUp.ts"
import { type ConcurrencyRange, makeAdaptiveConcurrency } from "./AdaptiveConcurrency.ts"
import { type CircuitOptions, type CircuitPass, makeCircuitBreaker } from "./CircuitBreaker.ts"
import { makeMarkupCalibration } from "./MarkupCalibration.ts"
import { makeRateLimit } from "./RateLimit.ts"

/** How a provider stands with a client. */
export interface ProviderStatus {
  readonly provider: string
  /** What bounds are made with now, as a percentage of the list price: the declared markup, or what charges taught. */
  readonly markupPercent: number
  /** Calls that may be in flight now. */
  readonly concurrency: number
  readonly circuit: "closed" | "open" | "half-open"
  /** Refusals of the key, the credits or a model that later calls fail with, without a request. */
  readonly refusals: ReadonlyArray<ModelError>
}

/** All limits of one provider: what every attempt has to pass, and what its end teaches. */
export interface ProviderGate {
  /** The call with the bound that the provider's charges so far ask for. */
  readonly priced: (call: Call) => Call
  /** Waits for a place among the calls in flight, then attempts; fails without an attempt while a breaker is open. */
  readonly pass: (
    call: Call,
    attempt: Effect.Effect<AttemptOutcome, ModelError>
  ) => Effect.Effect<AttemptOutcome, ModelError>
  /** Waits for the next send of the rate limit; undefined without one. */
  readonly pace: Effect.Effect<void> | undefined
  readonly status: Effect.Effect<ProviderStatus>
  /** Forgets refusals, and lets calls try again. */
  readonly reopen: Effect.Effect<void>
}

export interface GateOptions {
  readonly concurrency: number | ConcurrencyRange
  readonly requestsPerMinute: number | undefined
  readonly circuit: CircuitOptions
}

export const makeProviderGate = (provider: Provider, options: GateOptions): ProviderGate => {
  const concurrency = makeAdaptiveConcurrency(options.concurrency)
  const permits = Semaphore.makeUnsafe(concurrency.limit())
  const circuit = makeCircuitBreaker(options.circuit)
  const markup = makeMarkupCalibration(provider.markupPercent)
  const rate = options.requestsPerMinute === undefined ? undefined : makeRateLimit(options.requestsPerMinute)
  /** By the model that was refused, or `everyModel` for what concerns the account. */
  const refusals = new Map<string, ModelError>()
  let allowed = concurrency.limit()

  const enter = (call: Call, now: number): CircuitPass | ModelError => {
    const refusal = refusals.get(everyModel) ?? refusals.get(call.model.slug)
    if (refusal !== undefined) return refusal
    const entered = circuit.enter(now)
    if (entered._tag !== "Refused") return entered
    const { failures, reason, retryAfterMillis } = entered
    return new CircuitOpen({ provider: provider.name, failures, retryAfter: Duration.millis(retryAfterMillis), reason })
  }

  /** Whether the provider's markup was raised by this end. */
  const learn = (call: Call, pass: CircuitPass, outcome: AttemptOutcome, now: number): boolean => {
    if (outcome._tag === "Completed") {
      circuit.answered()
      concurrency.answered(now)
      return markup.observe(outcome.completion.charge, outcome.completion.usage, call)
    }
    switch (outcome.class) {
      case "NotSent":
      case "ServerError":
      case "Ambiguous":
        circuit.failed(pass, now, outcome.reason)
        concurrency.troubled(now)
        break
      case "Throttled":
        circuit.answered()
        concurrency.throttled(now)
        break
      default:
        circuit.answered()
    }
    if (outcome.refusal === "retired") refusals.set(call.model.slug, refusalOf(call, outcome, now))
    if (outcome.refusal === "unauthorized" || outcome.refusal === "credits") {
      refusals.set(everyModel, refusalOf(call, outcome, now))
    }
    return false
  }

  const ended = (call: Call, pass: CircuitPass, exit: Exit.Exit<AttemptOutcome, ModelError>) =>
    Effect.flatMap(Clock.currentTimeMillis, (now) => {
      if (Exit.isFailure(exit)) {
        circuit.untold(pass)
        return Effect.void
      }
      const raised = learn(call, pass, exit.value, now)
      const limit = concurrency.limit()
      const resized = limit === allowed ? Effect.void : permits.resize(limit)
      allowed = limit
      return raised ? Effect.andThen(resized, warnOfMarkup(provider, markup.percent())) : resized
    })

  return {
    priced: (call) => {
      const markupPercent = markup.percent()
      if (markupPercent === call.provider.markupPercent) return call
      const priced = { ...call.provider, markupPercent }
      return { ...call, provider: priced, bound: callBound(call.request, call.model, priced) }
    },
    pass: (call, attempt) =>
      permits.withPermit(
        Effect.flatMap(Clock.currentTimeMillis, (now) => {
          const entered = enter(call, now)
          if (!isPass(entered)) return Effect.fail(entered)
          return Effect.onExit(attempt, (exit) => ended(call, entered, exit))
        })
      ),
    pace:
      rate === undefined
        ? undefined
        : Effect.flatMap(Clock.currentTimeMillis, (now) => {
            const wait = rate.take(now)
            return wait === 0 ? Effect.void : Effect.sleep(wait)
          }),
    status: Effect.map(Clock.currentTimeMillis, (now) => ({
      provider: provider.name,
      markupPercent: markup.percent(),
      concurrency: concurrency.limit(),
      circuit: circuit.state(now),
      refusals: Array.from(refusals.values())
    })),
    reopen: Effect.sync(() => {
      refusals.clear()
      circuit.answered()
    })
  }
}

const isPass = (entered: CircuitPass | ModelError): entered is CircuitPass =>
  entered._tag === "Call" || entered._tag === "Probe"

/** No slug: those have no blanks. */
const everyModel = "every model"

const warnOfMarkup = (provider: Provider, percent: number) =>
  Effect.logWarning(
    `${provider.name} charges more over the list price than the ${provider.markupPercent} % that were declared: ` +
      `bounds are made with ${percent} % from now on.`
  )
