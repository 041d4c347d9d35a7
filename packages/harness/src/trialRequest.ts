import { createHash } from "node:crypto"
import type { CompletionRequest } from "@assay/core"
import { hashText } from "./internal/hashText.ts"
import type { PlannedTrial } from "./Plan.ts"
import { renderPrompt } from "./PromptTemplate.ts"
import type { RenderedPrompt } from "./RunRecord.ts"

/** A trial's prompt, filled with its sample, and known by the hash of its messages. */
export const renderTrial = ({ variant, sample }: Pick<PlannedTrial, "variant" | "sample">): RenderedPrompt => {
  const messages = renderPrompt(variant.prompt, sample.input)
  return { hash: hashText(JSON.stringify(messages)), messages }
}

/**
 * The request of a trial. `seed` is sent to the simulator alone, as hash(run seed, sample, trialIndex): real providers
 * get none unless a suite asks, since a seed is no promise there.
 */
export const trialRequest = (
  trial: PlannedTrial,
  prompt: RenderedPrompt,
  options: { readonly provider: string; readonly simulatorSeed: number | undefined }
): CompletionRequest => {
  const { model, reasoningEffort, maxCompletionTokens, json } = trial.variant.settings
  return {
    provider: options.provider,
    model,
    messages: prompt.messages,
    maxCompletionTokens,
    trialIndex: trial.trialIndex,
    ...(reasoningEffort === undefined ? {} : { reasoningEffort }),
    ...(json === undefined ? {} : { json }),
    ...(options.simulatorSeed === undefined ? {} : { seed: trialSeed(options.simulatorSeed, trial) })
  }
}

/** 31 bits: every server's integer. The variant is not in it, so all variants of a sample meet the same luck. */
const trialSeed = (runSeed: number, { suite, sample, trialIndex }: PlannedTrial): number =>
  createHash("sha256")
    .update(JSON.stringify([runSeed, suite.name, sample.id, trialIndex]))
    .digest()
    .readUInt32BE(0) >>> 1
