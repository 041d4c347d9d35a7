import type { Completion } from "@assay/core"
import { Cause, Effect } from "effect"
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
 * `passAt`. An answer that was billed but holds no text is scored 0 with its reason, or a prompt that answers nothing
 * would gain. A scorer that throws is `Unscored`, never a crashed run.
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

const judge = (scorer: AnyScorer, judged: Parameters<AnyScorer["score"]>[0]) =>
  Effect.suspend(() => {
    const score = scorer.score(judged)
    return Effect.isEffect(score) ? score : Effect.succeed(score)
  }).pipe(
    Effect.catchCauseIf(
      (cause) => !Cause.hasInterruptsOnly(cause),
      (cause) => Effect.succeed(unscored(`The scorer ${scorer.name} failed: ${String(Cause.squash(cause))}`))
    )
  )

const unusableReason = ({ output, finishReason, refusal }: Completion): string | undefined => {
  if (refusal !== undefined) return `The model refused: ${refusal}`
  if (output.trim() !== "") return undefined
  if (finishReason === "length")
    return "The answer was cut at its token limit before any text: raise maxCompletionTokens."
  if (finishReason === "content_filter") return "The provider's content filter removed the answer."
  return "The answer is empty."
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
