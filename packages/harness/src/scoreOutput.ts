import type { Completion } from "@assay/core"
import { Cause, Effect, Schema } from "effect"
import type { LoadedSuite } from "./LoadedSuite.ts"
import type { ScoreRecord, TrialOutcome } from "./RunRecord.ts"
import type { Sample } from "./Sample.ts"
import { type Score, unscored, zero } from "./Score.ts"
import type { Scorer, ScorerServices } from "./Scorer.ts"

/** What all scorers of a suite say of one completion, and the verdict on its trial. */
export interface Judgement {
  readonly outcome: TrialOutcome
  /** Why the trial did not pass: the first required scorer's own words. */
  readonly reason: string | undefined
  readonly scores: ReadonlyArray<ScoreRecord>
}

/**
 * Judges a completion with each scorer of its suite. A trial passes when every required scorer gives at least its
 * `passAt`. An answer that was billed but is cut, refused or empty is scored 0 with its reason, or a prompt that answers
 * nothing would gain. A scorer that throws, takes over 5 minutes, gives no score from 0 to 1 or details that are no JSON is `Unscored`: its fault
 * is not the model's, and never crashes a run.
 */
export const scoreOutput = (
  suite: LoadedSuite,
  sample: Sample,
  completion: Completion
): Effect.Effect<Judgement, never, ScorerServices> => {
  const unusable = unusableReason(completion)
  const { output } = completion
  return Effect.map(
    Effect.forEach(suite.scorers, (scorer) =>
      Effect.map(
        unusable === undefined
          ? judge(scorer, { sampleId: sample.id, input: sample.input, target: sample.target, output })
          : Effect.succeed(zero(unusable)),
        (score) => ({ scorer, score })
      )
    ),
    (judged) => {
      const required = judged.filter(({ scorer }) => scorer.required !== false)
      const fault = required.find(({ score }) => score._tag === "Unscored")
      const failing = required.find(({ scorer, score }) => !passes(scorer, score))
      return {
        outcome: fault !== undefined ? "unscored" : failing !== undefined ? "failed" : "passed",
        reason: wordsOf((fault ?? failing)?.score),
        scores: judged.map(({ scorer, score }) => toRecord(scorer, score))
      }
    }
  )
}

type AnyScorer = Scorer<unknown, unknown>

/** A judge may wait out a rate limit; what takes longer hangs, and would hang the run. */
const longestScoring = "5 minutes"

const judge = (scorer: AnyScorer, judged: Parameters<AnyScorer["score"]>[0]) =>
  Effect.suspend(() => {
    const score = scorer.score(judged)
    return Effect.isEffect(score) ? score : Effect.succeed(score)
  }).pipe(
    Effect.map((score) => {
      if (!isScore(score)) return unscored(`The scorer ${scorer.name} gave no score from 0 to 1.`)
      // Throws here, and not in the store, where it would end the run.
      if (score._tag === "Scored") JSON.stringify(score.details)
      return score
    }),
    Effect.timeoutOrElse({
      duration: longestScoring,
      orElse: () => Effect.succeed(unscored(`The scorer ${scorer.name} took longer than ${longestScoring}.`))
    }),
    Effect.catchCauseIf(
      (cause) => !Cause.hasInterruptsOnly(cause),
      (cause) => Effect.succeed(unscored(`The scorer ${scorer.name} failed: ${String(Cause.squash(cause))}`))
    )
  )

/** Scorers are modules of users, and may be plain JavaScript. */
const isScore = Schema.is(
  Schema.Union([
    Schema.TaggedStruct("Scored", {
      value: Schema.Finite.check(Schema.isBetween({ minimum: 0, maximum: 1 })),
      explanation: Schema.String
    }),
    Schema.TaggedStruct("Unscored", { reason: Schema.String })
  ])
) as (score: unknown) => score is Score

/** A cut answer is not read: what a scorer found in its middle would be no answer. */
const unusableReason = ({ output, finishReason, refusal }: Completion): string | undefined => {
  if (refusal !== undefined) return `The model refused: ${refusal}`
  const empty = output.trim() === ""
  if (finishReason === "length") {
    const place = empty ? "before any text" : `after ${output.length} characters`
    return `The answer was cut at its token limit ${place}: raise maxCompletionTokens.`
  }
  if (finishReason === "content_filter") return "The provider's content filter removed the answer."
  return empty ? "The answer is empty." : undefined
}

const passes = (scorer: AnyScorer, score: Score): boolean =>
  score._tag === "Scored" && score.value >= (scorer.passAt ?? 1)

const wordsOf = (score: Score | undefined): string | undefined => {
  if (score === undefined) return undefined
  return score._tag === "Scored" ? score.explanation : score.reason
}

const toRecord = (scorer: AnyScorer, score: Score): ScoreRecord => ({
  scorer: scorer.name,
  version: scorer.version,
  value: score._tag === "Scored" ? score.value : undefined,
  passed: passes(scorer, score),
  explanation: score._tag === "Scored" ? score.explanation : score.reason,
  details: score._tag === "Scored" ? score.details : undefined
})
