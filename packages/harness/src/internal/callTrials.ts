import { type Completion, type CompletionRequest, ModelClient } from "@assay/core"
import { type Cause, Effect, Queue } from "effect"
import type { Plan, PlannedTrial } from "../Plan.ts"
import type { RenderedPrompt, RunRecord } from "../RunRecord.ts"
import { RunStore } from "../RunStore.ts"
import { trialKeyOf } from "../trialKeyOf.ts"
import { renderTrial, trialRequest } from "../trialRequest.ts"
import type { Stopping } from "./Stopping.ts"
import { keyOf, unscoredFields } from "./trialFields.ts"
import type { WriteTrial } from "./writeTrial.ts"

/** So many calls in a row that the provider's rate limit let none of through mean that going on is of no use now. */
const limitedInARow = 5

/** A trial whose answer is paid for and waits for its scorers. */
export interface Answered {
  readonly trial: PlannedTrial
  readonly prompt: RenderedPrompt
  readonly completion: Completion
}

/**
 * Puts a plan's unfinished trials to the model, at most `concurrency` at a time, until all are called or the run stops.
 * Answers go to the queue, and wait where it is full; trials without an answer are written at once.
 */
export const callTrials = Effect.fnUntraced(function* (
  plan: Plan,
  options: {
    readonly run: RunRecord
    readonly concurrency: number
    readonly stopping: Stopping
    readonly write: WriteTrial
    readonly answers: Queue.Enqueue<Answered, Cause.Done>
  }
) {
  const { run, stopping, write, answers } = options
  const client = yield* ModelClient
  const store = yield* RunStore
  const outcomes = yield* store.trialOutcomes(run.id)
  const finished = new Set(outcomes.filter(({ outcome }) => outcome !== "unscored").map(trialKeyOf))
  let limited = 0
  const requestOptions = { provider: run.provider, simulatorSeed: run.simulated ? run.seed : undefined }

  const call = Effect.fnUntraced(function* (trial: PlannedTrial) {
    const prompt = renderTrial(trial)
    const request: CompletionRequest = trialRequest(trial, prompt, requestOptions)
    const result = yield* stopping.inFlight(Effect.result(client.complete(request)))
    if (result._tag === "Success") {
      limited = 0
      return yield* Effect.asVoid(Queue.offer(answers, { trial, prompt, completion: result.success }))
    }
    const error = result.failure
    switch (error._tag) {
      case "BudgetExceeded":
      case "OutOfCredits":
      case "Unauthorized":
      case "ModelRetired":
      case "BoundBreach":
        return yield* stopping.stop(error)
      case "CircuitOpen":
        return yield* stopping.stop({ _tag: "ProviderDown", message: error.message })
      case "JournalFailed":
        return yield* error
      default:
        yield* write(trial, prompt, unscoredFields(error))
        limited = error._tag === "RateLimited" ? limited + 1 : 0
        if (limited >= limitedInARow) {
          yield* stopping.stop({ _tag: "ProviderDown", message: `${limited} calls in a row failed: ${error.message}` })
        }
    }
  })

  const trials = plan.trials()
  const caller = Effect.gen(function* () {
    while (stopping.cause() === undefined) {
      const next = trials.next()
      if (next.done === true) return
      if (finished.has(trialKeyOf(keyOf(next.value)))) continue
      yield* call(next.value)
    }
  })
  const callers = Array.from({ length: Math.max(1, options.concurrency) }, () => caller)
  yield* Effect.all(callers, { concurrency: "unbounded", discard: true })
})
