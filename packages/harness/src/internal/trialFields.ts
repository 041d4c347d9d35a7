import type { Completion, ModelError } from "@assay/core"
import { Duration } from "effect"
import type { PlannedTrial } from "../Plan.ts"
import type { TrialKey, TrialRecord } from "../RunRecord.ts"
import type { Judgement } from "../scoreOutput.ts"

/** What becomes of a trial, without its key and time. */
export type TrialFields = Omit<TrialRecord, keyof TrialKey | "finishedAt">

/** Where a planned trial stands in its run. */
export const keyOf = ({ suite, variant, sample, trialIndex }: PlannedTrial): TrialKey => ({
  suite: suite.name,
  variant: variant.name,
  sampleId: sample.id,
  trialIndex
})

/** A trial that was answered and judged. */
export const judgedFields = (completion: Completion, judgement: Judgement): TrialFields => ({
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

/** A trial without an answer, through no fault of the model. */
export const unscoredFields = (error: ModelError): TrialFields => ({
  outcome: "unscored",
  reason: error.message,
  scores: [],
  attemptId: error._tag === "CallInDoubt" || error._tag === "UnexpectedReply" ? error.attemptId : undefined,
  attempts: attemptsOf(error),
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

/** What never left this process took no attempt. */
const attemptsOf = (error: ModelError): number => {
  if ("attempts" in error) return error.attempts
  const refusedHere = error._tag === "CallClaimed" || (error._tag === "RequestRejected" && error.status === 0)
  return refusedHere ? 0 : 1
}
