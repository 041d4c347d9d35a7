import type { PassResult } from "@assay/core/prompt"
import { type LoadedSuite, type RunRecord, RunStore, type VariantRecord } from "@assay/harness"
import { Effect } from "effect"

/** Older runs say little about today's models, and every run costs a query. */
const runsLookedAt = 50

/**
 * How often each prompt of a suite passed with each model and effort, by the prompt's hash: from the newest run of each
 * that a real provider answered on all the samples, with the scorers, that the suite has now. What the simulator answered is
 * programmed in and shows nothing.
 */
export const ownResults = Effect.fn("ownResults")(function* (suite: LoadedSuite) {
  const store = yield* RunStore
  const runs = yield* store.listRuns(runsLookedAt)
  const found = new Map<string, Map<string, PassResult>>()
  for (const run of runs.filter((run) => isComparable(run, suite))) {
    const variants = run.variants.filter((variant) => variant.suite === suite.name)
    const missing = variants.filter((variant) => found.get(variant.promptHash)?.has(settingsKey(variant)) !== true)
    if (missing.length === 0) continue
    const totals = yield* store.totals(run.id)
    for (const variant of missing) {
      const counted = totals.find((row) => row.suite === suite.name && row.variant === variant.name)
      if (counted === undefined || counted.passed + counted.failed === 0) continue
      const ofPrompt = found.get(variant.promptHash) ?? new Map<string, PassResult>()
      ofPrompt.set(settingsKey(variant), {
        model: variant.model,
        ...effortOf(variant),
        passes: counted.passed,
        n: counted.passed + counted.failed
      })
      found.set(variant.promptHash, ofPrompt)
    }
  }
  return new Map(Array.from(found, ([hash, results]) => [hash, Array.from(results.values())]))
})

const isComparable = (run: RunRecord, suite: LoadedSuite): boolean =>
  !run.simulated &&
  run.limit === undefined &&
  run.suites.some(
    ({ name, samplesHash, scorersHash }) =>
      name === suite.name && samplesHash === suite.samplesHash && scorersHash === suite.scorersHash
  )

/** A stored effort is any text; one that this version does not know is as good as none. */
const effortOf = ({ reasoningEffort }: VariantRecord): Pick<PassResult, "reasoningEffort"> =>
  reasoningEffort === "low" || reasoningEffort === "medium" || reasoningEffort === "high" ? { reasoningEffort } : {}

const settingsKey = ({ model, reasoningEffort }: VariantRecord) => `${model} ${reasoningEffort ?? ""}`
