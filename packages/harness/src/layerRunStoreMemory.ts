import { Effect, Layer } from "effect"
import type { RenderedPrompt, RunRecord, SampleRecord, TrialKey, TrialRecord, VariantTotals } from "./RunRecord.ts"
import { RunStore, type StoredTrial, StoreFailed } from "./RunStore.ts"

interface Trial {
  record: TrialRecord
  prompt: RenderedPrompt
}

interface Run {
  record: RunRecord
  readonly samples: ReadonlyMap<string, SampleRecord>
  /** By `trialName`, in the order in which they were first appended. */
  readonly trials: Map<string, Trial>
}

/** Runs that live as long as the process: for tests, and for programs that accept losing them. No other process owns any. */
export const layerRunStoreMemory = Layer.sync(RunStore, () => {
  const runs = new Map<string, Run>()

  /** Does `work` on a run that must be there. */
  const onRun = <A>(operation: string, id: string, work: (run: Run) => A) =>
    Effect.suspend(() => {
      const run = runs.get(id)
      return run === undefined ? fail(operation, `there is no run ${id}`) : Effect.succeed(work(run))
    })

  const newestFirst = () =>
    Array.from(runs.values(), ({ record }) => record)
      .reverse()
      .sort((left, right) => right.createdAt - left.createdAt)

  const trialsOf = (id: string): ReadonlyArray<Trial> => Array.from(runs.get(id)?.trials.values() ?? [])

  return RunStore.of({
    createRun: (record, samples) =>
      Effect.suspend(() => {
        const stored = runs.get(record.id)?.record
        if (stored === undefined) {
          const byName = new Map(samples.map((sample) => [sampleName(sample.suite, sample.id), sample]))
          runs.set(record.id, { record, samples: byName, trials: new Map() })
          return Effect.void
        }
        const same = stored.createdAt === record.createdAt && stored.seed === record.seed
        return same ? Effect.void : fail("create a run", `another run is called ${record.id}`)
      }),
    reopenRun: (id, budget) =>
      onRun("reopen a run", id, (run) => {
        run.record = { ...run.record, budget, status: "running", finishedAt: undefined }
      }),
    finishRun: (id, status, finishedAt) =>
      onRun("finish a run", id, (run) => {
        run.record = { ...run.record, status, finishedAt }
      }),
    appendTrial: (id, record, prompt) =>
      Effect.suspend(() => {
        const run = runs.get(id)
        const planned = run?.record.variants.some(
          ({ suite, name }) => suite === record.suite && name === record.variant
        )
        if (run === undefined || planned !== true || !run.samples.has(sampleName(record.suite, record.sampleId))) {
          return fail("save a trial", `run ${id} has no such trial: ${trialName(record)}`)
        }
        const stored = run.trials.get(trialName(record))
        if (stored === undefined) run.trials.set(trialName(record), { record, prompt })
        else if (stored.record.outcome === "unscored") Object.assign(stored, { record, prompt })
        return Effect.void
      }),
    findRun: (id = "") =>
      Effect.sync(() => runs.get(id)?.record ?? newestFirst().find((record) => record.id.startsWith(id))),
    listRuns: (limit) => Effect.sync(() => newestFirst().slice(0, limit)),
    trialOutcomes: (id) =>
      Effect.sync(() =>
        trialsOf(id).map(({ record: { suite, variant, sampleId, trialIndex, outcome } }) => ({
          suite,
          variant,
          sampleId,
          trialIndex,
          outcome
        }))
      ),
    totals: (id) =>
      Effect.sync(() => {
        const run = runs.get(id)
        return run === undefined ? [] : run.record.variants.map(({ suite, name }) => totalsOf(run, suite, name))
      }),
    sampleTrials: (id, sampleId) =>
      Effect.sync(() => {
        const run = runs.get(id)
        const ofSample = trialsOf(id).filter(({ record }) => record.sampleId === sampleId)
        return ofSample
          .sort((left, right) => place(run, left) - place(run, right))
          .flatMap(({ record, prompt }) => {
            const sample = run?.samples.get(sampleName(record.suite, sampleId))
            return sample === undefined ? [] : [{ trial: record, sample, prompt } satisfies StoredTrial]
          })
      }),
    failures: (id, limit) =>
      Effect.sync(() =>
        trialsOf(id)
          .map(({ record }) => record)
          .filter(({ outcome }) => outcome !== "passed")
          .sort((left, right) => left.finishedAt - right.finishedAt)
          .slice(0, limit)
      )
  })
})

const fail = (operation: string, reason: string) =>
  Effect.fail(new StoreFailed({ operation, cause: new Error(reason) }))

const sampleName = (suite: string, id: string): string => JSON.stringify([suite, id])

const trialName = ({ suite, variant, sampleId, trialIndex }: TrialKey): string =>
  JSON.stringify([suite, variant, sampleId, trialIndex])

/** Orders the trials of a sample as the run lists its variants, and repeats by their index. */
const place = (run: Run | undefined, { record }: Trial): number => {
  const variants = run?.record.variants ?? []
  const position = variants.findIndex(({ suite, name }) => suite === record.suite && name === record.variant)
  return position + record.trialIndex / (record.trialIndex + 1)
}

const totalsOf = (run: Run, suite: string, variant: string): VariantTotals => {
  const definition = run.record.suites.find(({ name }) => name === suite)
  const records = Array.from(run.trials.values(), ({ record }) => record).filter(
    (record) => record.suite === suite && record.variant === variant
  )
  const count = (outcome: TrialRecord["outcome"]) => records.filter((record) => record.outcome === outcome).length
  return {
    suite,
    variant,
    planned: (definition?.samples ?? 0) * (definition?.trialsPerSample ?? 0),
    passed: count("passed"),
    failed: count("failed"),
    unscored: count("unscored"),
    cost: records.reduce((sum, { cost }) => sum + cost, 0n),
    medianLatencyMillis: medianOf(records.flatMap(({ latencyMillis }) => latencyMillis ?? []))
  }
}

/** The middle one, or the mean of the two in the middle. */
const medianOf = (values: Array<number>): number | undefined => {
  if (values.length === 0) return undefined
  const sorted = values.sort((left, right) => left - right)
  const middle = sorted.slice(Math.floor((sorted.length - 1) / 2), Math.floor(sorted.length / 2) + 1)
  return middle.reduce((sum, value) => sum + value, 0) / middle.length
}
