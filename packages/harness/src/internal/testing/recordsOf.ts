import type { Plan } from "../../Plan.ts"
import type { RunRecord, SampleRecord } from "../../RunRecord.ts"
import { hashText } from "../hashText.ts"

/** The record of a run that is about to begin: on the simulator, with 1,000 credits, at the epoch. */
export const runRecordOf = (plan: Plan, fields: Partial<RunRecord> = {}): RunRecord => ({
  id: "run00001",
  createdAt: 0,
  finishedAt: undefined,
  status: "running",
  seed: plan.seed,
  provider: "simulator",
  baseUrl: "http://provider.invalid",
  simulated: true,
  budget: 1_000_000_000_000_000n,
  limit: undefined,
  gitCommit: undefined,
  suites: plan.suites.map(({ name, file, samplesHash, scorersHash, samples, trials }) => ({
    name,
    file,
    samplesHash,
    scorersHash,
    samples: samples.length,
    trialsPerSample: trials
  })),
  variants: plan.suites.flatMap((suite) =>
    suite.variants.map(({ name, prompt, settings }) => ({
      suite: suite.name,
      name,
      prompt: prompt.name,
      promptHash: prompt.hash,
      model: settings.model,
      reasoningEffort: settings.reasoningEffort,
      maxCompletionTokens: settings.maxCompletionTokens
    }))
  ),
  trials: plan.size,
  ...fields
})

/** The samples of a plan, as a store keeps them. */
export const sampleRecordsOf = (plan: Plan): ReadonlyArray<SampleRecord> =>
  plan.suites.flatMap((suite) =>
    suite.samples.map(({ id, input, target, cluster, tags }) => ({
      suite: suite.name,
      id,
      hash: hashText(JSON.stringify([id, input, target])),
      input,
      target,
      cluster,
      tags
    }))
  )
