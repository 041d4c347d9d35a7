import type { Provider } from "@assay/core"
import { type LoadedSuite, makePlan, type RunRecord, RunStore } from "@assay/harness"
import { layerStore } from "@assay/store"
import { Clock, Effect, Path, Random } from "effect"
import { Environment } from "../Environment.ts"
import { chooseProvider } from "../providers/chooseProvider.ts"
import { readyProvider } from "../providers/readyProvider.ts"
import { findProject, pickSuites } from "../suites/findSuites.ts"
import { importSuite } from "../suites/importSuite.ts"
import { checkBudget } from "./checkBudget.ts"
import { databaseFile } from "./databaseFile.ts"
import { withinDay } from "./dayBudget.ts"
import { executeRun } from "./executeRun.ts"
import { gitCommit } from "./gitCommit.ts"
import { layerServices } from "./layerServices.ts"
import { parseBudget } from "./parseBudget.ts"
import { sampleRecords } from "./sampleRecords.ts"

export interface RunFlags {
  readonly suites: ReadonlyArray<string>
  readonly provider: string | undefined
  readonly baseUrl: string | undefined
  readonly budget: string
  /** Over all runs of a UTC day. */
  readonly dayBudget: string | undefined
  readonly softBudget: boolean
  readonly limit: number | undefined
  readonly seed: number | undefined
  readonly concurrency: number | undefined
  readonly database: string | undefined
  readonly json: boolean
}

/** Runs suites from their first trial: `assay run`. */
export const runSuites = Effect.fn("runSuites")(
  function* (flags: RunFlags) {
    const { directory } = yield* Environment
    const budget = yield* parseBudget(flags.budget)
    const dayLimit = flags.dayBudget === undefined ? undefined : yield* parseBudget(flags.dayBudget)
    const project = yield* findProject(directory)
    const suites = yield* Effect.forEach(yield* pickSuites(project, flags.suites), importSuite)
    const choice = yield* chooseProvider({ name: flags.provider, ...flags })
    const seed = flags.seed ?? (yield* Random.nextIntBetween(1, 2 ** 31 - 1))
    const plan = makePlan(suites, { seed, limit: flags.limit })
    const id = yield* newRunId
    const { provider, unprobed } = yield* readyProvider(choice, plan, { run: id, root: project.root })
    const largestBound = yield* checkBudget(plan, provider, budget)

    const database = yield* databaseFile(project.root, flags.database)
    const run: RunRecord = {
      id,
      createdAt: yield* Clock.currentTimeMillis,
      finishedAt: undefined,
      status: "running",
      seed,
      provider: provider.name,
      baseUrl: provider.baseUrl,
      simulated: provider.simulated,
      budget,
      limit: flags.limit,
      gitCommit: yield* gitCommit(project.root),
      suites: yield* Effect.forEach(plan.suites, (suite) => suiteRecord(suite, project.root)),
      variants: plan.suites.flatMap(variantRecords),
      trials: plan.size
    }
    const concurrency = flags.concurrency ?? defaultConcurrency(provider)
    const { json } = flags
    yield* Effect.gen(function* () {
      const store = yield* RunStore
      yield* store.createRun(run, sampleRecords(plan))
      const shown = { json, database: database.shown, keyMissing: choice.keyMissing, largestBound }
      yield* executeRun(plan, run, provider, { ...shown, concurrency, unprobed, resumed: false }).pipe(
        withinDay(provider, dayLimit)
      )
    }).pipe(Effect.provide(layerStore({ file: database.file })))
  },
  Effect.scoped,
  Effect.provide(layerServices)
)

/** Segmind's free plan allows few requests a minute; the simulator takes what comes. */
export const defaultConcurrency = (provider: Provider): number => (provider.simulated ? 16 : 4)

/** 8 letters and digits without those that look alike: 40 bits, and one word for a double click. */
const newRunId = Effect.map(Random.next, (share) => {
  const alphabet = "abcdefghjkmnpqrstuvwxyz023456789"
  let rest = Math.floor(share * 2 ** 40)
  let id = ""
  for (let place = 0; place < 8; place += 1) {
    id += alphabet[rest % 32]
    rest = Math.floor(rest / 32)
  }
  return id
})

const suiteRecord = Effect.fnUntraced(function* (suite: LoadedSuite, root: string) {
  const path = yield* Path.Path
  return {
    name: suite.name,
    file: suite.file === undefined ? undefined : path.relative(root, suite.file),
    samplesHash: suite.samplesHash,
    scorersHash: suite.scorersHash,
    samples: suite.samples.length,
    trialsPerSample: suite.trials
  }
})

export const variantRecords = (suite: LoadedSuite) =>
  suite.variants.map(({ name, prompt, settings }) => ({
    suite: suite.name,
    name,
    prompt: prompt.name,
    promptHash: prompt.hash,
    model: settings.model,
    reasoningEffort: settings.reasoningEffort,
    maxCompletionTokens: settings.maxCompletionTokens
  }))
