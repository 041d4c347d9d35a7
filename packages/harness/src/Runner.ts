import { type JournalFailed, Ledger, type ModelClient } from "@assay/core"
import { type Cause, Clock, Effect, Fiber, Queue, type Scope } from "effect"
import { type Answered, callTrials } from "./internal/callTrials.ts"
import { conclude } from "./internal/conclude.ts"
import { makeEventLine } from "./internal/eventLine.ts"
import { makeStopping, type Stopping } from "./internal/Stopping.ts"
import { scoreAnswers } from "./internal/scoreAnswers.ts"
import { makeWriteTrial } from "./internal/writeTrial.ts"
import type { Plan } from "./Plan.ts"
import type { RunOptions, RunResult } from "./RunOptions.ts"
import { RunStore, type StoreFailed } from "./RunStore.ts"
import type { ScorerServices } from "./Scorer.ts"

/** A finished answer waits for its scorers here; more would only hold memory. */
const scoringQueueSize = 64

/**
 * Runs what a plan holds and the store does not have yet: each trial is rendered, called, scored, written, forgotten.
 *
 * The run must exist in the store. Ends by itself, by the budget, by a fault that no trial can survive, or by `stop`;
 * in each case all that was paid for is on disk: in the store or, where it was not scored any more, in the ledger. Fails
 * only when the store or the ledger does; the run then stays `running` in the store until it is resumed.
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
  const ledger = yield* Ledger
  const store = yield* RunStore
  const startedAt = yield* Clock.currentTimeMillis
  const emit = yield* makeEventLine(options.emit)
  // Trials without a score are tried again, so they are not done.
  const done = (yield* store.totals(run.id)).map((row) => ({ ...row, unscored: 0 }))
  yield* emit(Effect.succeed({ _tag: "RunStarted", run, done, concurrency: options.concurrency }))

  const stopping = makeStopping(emit)
  const write = yield* makeWriteTrial(run.id, emit)
  const answers = yield* Queue.bounded<Answered, Cause.Done>(scoringQueueSize)
  const scoring = yield* Effect.forkScoped(scoreAnswers(answers, write))
  const calling = yield* Effect.forkScoped(callTrials(plan, { ...options, stopping, write, answers }))
  const patience = patienceOf(options, stopping)

  // Whatever ends first decides, a failure too: `race` would wait for a success that never comes.
  yield* Fiber.join(calling).pipe(
    Effect.raceFirst(patience),
    Effect.raceFirst(Effect.andThen(Fiber.join(scoring), Effect.never)),
    Effect.ensuring(Fiber.interrupt(calling))
  )
  yield* Queue.end(answers)
  yield* Fiber.join(scoring).pipe(Effect.raceFirst(patience), Effect.ensuring(Fiber.interrupt(scoring)))

  const totals = yield* store.totals(run.id)
  const result = conclude(totals, { cause: stopping.cause(), maxErrors: options.maxErrors ?? 0 })
  const { status, reason } = result
  const now = yield* Clock.currentTimeMillis
  yield* store.finishRun(run.id, status, now)
  const elapsedMillis = now - startedAt
  yield* emit(
    Effect.map(ledger.totals, (now) => ({ _tag: "RunEnded", status, reason, totals, ledger: now, elapsedMillis }))
  )
  return result
}, Effect.scoped)

/** Ends when what is under way is not awaited any longer: some time after `stop`, or at once after `abort`. */
const patienceOf = ({ stop, abort, drain }: RunOptions, stopping: Stopping): Effect.Effect<void> => {
  const onSignal = (signal: Effect.Effect<void> | undefined) =>
    signal === undefined
      ? Effect.never
      : Effect.andThen(signal, stopping.stop({ _tag: "Signal", message: "stopped by a signal" }))
  return Effect.raceFirst(Effect.andThen(onSignal(stop), Effect.sleep(drain ?? "10 seconds")), onSignal(abort))
}
