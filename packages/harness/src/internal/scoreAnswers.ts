import { type Cause, Effect, Queue } from "effect"
import { scoreOutput } from "../scoreOutput.ts"
import type { Answered } from "./callTrials.ts"
import { judgedFields } from "./trialFields.ts"
import type { WriteTrial } from "./writeTrial.ts"

/** A sandbox or a judge may take long; scoring has its own permits, so a judge never waits for its own trial's. */
const scoringConcurrency = 4

/** Scores and writes the answers of a queue until it has ended and is empty. */
export const scoreAnswers = (answers: Queue.Dequeue<Answered, Cause.Done>, write: WriteTrial) => {
  const scorer = Queue.take(answers).pipe(
    Effect.flatMap(({ trial, prompt, completion }) =>
      Effect.flatMap(scoreOutput(trial.suite, trial.sample, completion), (judgement) =>
        write(trial, prompt, judgedFields(completion, judgement))
      )
    ),
    Effect.forever,
    Effect.catchTag("Done", () => Effect.void)
  )
  const scorers = Array.from({ length: scoringConcurrency }, () => scorer)
  return Effect.all(scorers, { concurrency: "unbounded", discard: true })
}
