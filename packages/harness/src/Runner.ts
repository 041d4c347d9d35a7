import {
  type BudgetExceeded,
  type Completion,
  type JournalFailed,
  Ledger,
  ModelClient,
  type ModelError,
  type ModelRetired,
  type OutOfCredits,
  type Unauthorized
} from "@assay/core"
import { type Cause, Clock, Duration, Effect, Fiber, Queue, type Scope } from "effect"
import type { Plan, PlannedTrial } from "./Plan.ts"
import type { RunEvent } from "./RunEvent.ts"
import type { RenderedPrompt, RunRecord, RunStatus, TrialRecord } from "./RunRecord.ts"
import { RunStore, type StoreFailed } from "./RunStore.ts"
import type { ScorerServices } from "./Scorer.ts"
import { type Judgement, scoreOutput } from "./scoreOutput.ts"
import { trialKeyOf } from "./trialKeyOf.ts"
import { renderTrial, trialRequest } from "./trialRequest.ts"

/** How a plan is run. */
export interface RunOptions {
  readonly run: RunRecord
  /** Calls in flight at most. */
  readonly concurrency: number
  /** Trials without a score that are tolerated before the run counts as incomplete; 0 by default. */
  readonly maxErrors?: number
  /** Completes when no more calls should leave; those in flight are awaited for `drain`. */
  readonly stop?: Effect.Effect<void>
  /** Completes when calls in flight should be abandoned at once, and held. */
  readonly abort?: Effect.Effect<void>
  /** How long calls in flight are awaited after `stop`; 10 s by default. */
  readonly drain?: Duration.Input
  /** Takes each event in order. A slow taker slows the run, so screens must not wait here. */
  readonly emit: (event: RunEvent) => Effect.Effect<void>
}

/** How a run ended, for whoever decides on the exit code. */
export interface RunResult {
  readonly status: RunStatus
  readonly reason: string | undefined
  /** What stopped the run before its end. */
  readonly cause: StopCause | undefined
}

export type StopCause =
  | BudgetExceeded
  | OutOfCredits
  | Unauthorized
  | ModelRetired
  | { readonly _tag: "ProviderDown"; readonly message: string }
  | { readonly _tag: "Signal"; readonly message: string }

/** A finished answer waits for its scorers here; more would only hold memory. */
const scoringQueueSize = 64
/** A sandbox or a judge may take long; scoring has its own permits, so a judge never waits for its own trial's. */
const scoringConcurrency = 4
/** So many calls that fail one after the other, with none between that succeeds, mean that the provider is down. */
const failuresInARow = 5

interface Answered {
  readonly trial: PlannedTrial
  readonly prompt: RenderedPrompt
  readonly completion: Completion
}

/**
 * Runs what a plan holds and the store does not have yet: each trial is rendered, called, scored, written, forgotten.
 *
 * The run must exist in the store. Ends by itself, by the budget, by a fault that no trial can survive, or by `stop`;
 * in each case all that was paid for is on disk. Fails only when the store or the ledger does.
 */
export const runPlan = Effect.fn("runPlan")(function* (
  plan: Plan,
  options: RunOptions
): Effect.fn.Return<
  RunResult,
  StoreFailed | JournalFailed,
  ModelClient | Ledger | RunStore | ScorerServices | Scope.Scope
> {
  const { run } = options
  const client = yield* ModelClient
  const ledger = yield* Ledger
  const store = yield* RunStore
  const startedAt = yield* Clock.currentTimeMillis
  const requestOptions = { provider: run.provider, simulatorSeed: run.simulated ? run.seed : undefined }

  let seq = 0
  const emit = (event: DistributiveOmit<RunEvent, "seq" | "at">) =>
    Effect.flatMap(Clock.currentTimeMillis, (at) => {
      seq += 1
      return options.emit({ ...event, seq, at })
    })

  const outcomes = yield* store.trialOutcomes(run.id)
  const finished = new Set(outcomes.filter(({ outcome }) => outcome !== "unscored").map(trialKeyOf))
  const done = (yield* store.totals(run.id)).map((row) => ({ ...row, unscored: 0 }))
  yield* emit({ _tag: "RunStarted", run, done, concurrency: options.concurrency })

  let cause: StopCause | undefined
  let inFlight = 0
  let failedInARow = 0
  const stop = (why: StopCause) =>
    Effect.suspend(() => {
      if (cause !== undefined) return Effect.void
      cause = why
      return emit({ _tag: "RunStopping", reason: why.message, inFlight })
    })

  const write = (trial: PlannedTrial, prompt: RenderedPrompt, fields: TrialFields) =>
    Effect.gen(function* () {
      const record: TrialRecord = {
        suite: trial.suite.name,
        variant: trial.variant.name,
        sampleId: trial.sample.id,
        trialIndex: trial.trialIndex,
        finishedAt: yield* Clock.currentTimeMillis,
        ...fields
      }
      yield* store.appendTrial(run.id, record, prompt)
      const { suite, variant, sampleId, trialIndex, outcome, reason, attempts, cost, latencyMillis } = record
      const key = { suite, variant, sampleId, trialIndex }
      const ledgerTotals = yield* ledger.totals
      yield* emit({ _tag: "TrialEnded", ...key, outcome, reason, attempts, cost, latencyMillis, ledger: ledgerTotals })
    })

  const answers = yield* Queue.bounded<Answered, Cause.Done>(scoringQueueSize)

  const call = Effect.fnUntraced(function* (trial: PlannedTrial) {
    const prompt = renderTrial(trial)
    inFlight += 1
    const result = yield* Effect.result(client.complete(trialRequest(trial, prompt, requestOptions))).pipe(
      Effect.ensuring(
        Effect.sync(() => {
          inFlight -= 1
        })
      )
    )
    if (result._tag === "Success") {
      failedInARow = 0
      return yield* Queue.offer(answers, { trial, prompt, completion: result.success })
    }
    const error = result.failure
    switch (error._tag) {
      case "BudgetExceeded":
      case "OutOfCredits":
      case "Unauthorized":
      case "ModelRetired":
        return yield* stop(error)
      case "JournalFailed":
        return yield* error
      default:
        yield* write(trial, prompt, unscoredFields(error))
        failedInARow += isProviderDown(error) ? 1 : -failedInARow
        return failedInARow >= failuresInARow
          ? yield* stop({ _tag: "ProviderDown", message: `${failedInARow} calls in a row failed: ${error.message}` })
          : undefined
    }
  })

  const trials = plan.trials()
  const caller = Effect.gen(function* () {
    while (cause === undefined) {
      const next = trials.next()
      if (next.done === true) return
      if (finished.has(trialKeyOf(toKey(next.value)))) continue
      yield* call(next.value)
    }
  })
  const scorer = Queue.take(answers).pipe(
    Effect.flatMap(({ trial, prompt, completion }) =>
      Effect.flatMap(scoreOutput(trial.suite, trial.sample, completion), (judgement) =>
        write(trial, prompt, judgedFields(completion, judgement))
      )
    ),
    Effect.forever,
    Effect.catchTag("Done", () => Effect.void)
  )

  if (options.stop !== undefined) {
    const onSignal = Effect.andThen(options.stop, stop({ _tag: "Signal", message: "stopped by a signal" }))
    yield* Effect.forkScoped(onSignal)
  }
  const scoring = yield* Effect.forkScoped(
    Effect.all(
      Array.from({ length: scoringConcurrency }, () => scorer),
      all
    )
  )
  const calling = yield* Effect.forkScoped(
    Effect.all(
      Array.from({ length: options.concurrency }, () => caller),
      all
    )
  )

  // After a signal, calls in flight have this long to end by themselves; then they are interrupted and held.
  const patience = Effect.race(
    Effect.andThen(options.stop ?? Effect.never, Effect.sleep(options.drain ?? "10 seconds")),
    options.abort ?? Effect.never
  )
  const scoringFails = Effect.andThen(Fiber.join(scoring), Effect.never)
  yield* Fiber.join(calling).pipe(
    Effect.race(patience),
    Effect.race(scoringFails),
    Effect.ensuring(Fiber.interrupt(calling))
  )
  yield* Queue.end(answers)
  yield* Fiber.join(scoring)

  const rows = yield* store.totals(run.id)
  const ledgerTotals = yield* ledger.totals
  const unscored = rows.reduce((sum, row) => sum + row.unscored, 0)
  const status = statusOf(cause, unscored > (options.maxErrors ?? 0))
  const reason = cause?.message ?? (status === "incomplete" ? `${unscored} trials have no score` : undefined)
  const now = yield* Clock.currentTimeMillis
  yield* store.finishRun(run.id, status, now)
  const elapsedMillis = now - startedAt
  yield* emit({ _tag: "RunEnded", status, reason, totals: rows, ledger: ledgerTotals, elapsedMillis })
  return { status, reason, cause }
}, Effect.scoped)

const all = { concurrency: "unbounded", discard: true } as const

type DistributiveOmit<A, K extends PropertyKey> = A extends unknown ? Omit<A, K> : never

type TrialFields = Omit<TrialRecord, "suite" | "variant" | "sampleId" | "trialIndex" | "finishedAt">

const toKey = ({ suite, variant, sample, trialIndex }: PlannedTrial) => ({
  suite: suite.name,
  variant: variant.name,
  sampleId: sample.id,
  trialIndex
})

const judgedFields = (completion: Completion, judgement: Judgement): TrialFields => ({
  ...judgement,
  attemptId: completion.attemptId,
  attempts: completion.attempts,
  output: completion.output,
  finishReason: completion.finishReason,
  responseModel: completion.model,
  systemFingerprint: completion.systemFingerprint,
  promptTokens: completion.usage?.promptTokens,
  completionTokens: completion.usage?.completionTokens,
  reasoningTokens: completion.usage?.reasoningTokens,
  cost: completion.charge.amount,
  latencyMillis: Duration.toMillis(completion.latency)
})

const unscoredFields = (error: ModelError): TrialFields => ({
  outcome: "unscored",
  reason: error.message,
  scores: [],
  attemptId: error._tag === "CallInDoubt" || error._tag === "UnexpectedReply" ? error.attemptId : undefined,
  attempts: "attempts" in error ? error.attempts : 1,
  output: undefined,
  finishReason: undefined,
  responseModel: undefined,
  systemFingerprint: undefined,
  promptTokens: undefined,
  completionTokens: undefined,
  reasoningTokens: undefined,
  cost: error._tag === "UnexpectedReply" ? error.charged : 0n,
  latencyMillis: undefined
})

const isProviderDown = ({ _tag }: ModelError): boolean =>
  _tag === "ProviderUnreachable" || _tag === "ProviderFailed" || _tag === "RateLimited" || _tag === "CallInDoubt"

const statusOf = (cause: StopCause | undefined, tooManyErrors: boolean): RunStatus => {
  switch (cause?._tag) {
    case "BudgetExceeded":
    case "OutOfCredits":
      return "out-of-budget"
    case "Signal":
      return "interrupted"
    case undefined:
      return tooManyErrors ? "incomplete" : "completed"
    default:
      return "incomplete"
  }
}
