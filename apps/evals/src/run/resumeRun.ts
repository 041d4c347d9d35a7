import { type LoadedSuite, makePlan, type RunRecord, RunStore, type SuiteRecord } from "@assay/harness"
import { layerStore } from "@assay/store"
import { Effect, FileSystem, Path } from "effect"
import { Environment } from "../Environment.ts"
import { ExitCode } from "../ExitCode.ts"
import { failure } from "../Failure.ts"
import { chooseProvider, type ProviderChoice } from "../providers/chooseProvider.ts"
import { readyProvider } from "../providers/readyProvider.ts"
import { findProject } from "../suites/findSuites.ts"
import { importSuite } from "../suites/importSuite.ts"
import { checkBudget } from "./checkBudget.ts"
import { databaseFile } from "./databaseFile.ts"
import { withinDay } from "./dayBudget.ts"
import { executeRun } from "./executeRun.ts"
import { layerServices } from "./layerServices.ts"
import { parseBudget } from "./parseBudget.ts"
import { noRunYet, requireRun } from "./requireRun.ts"
import { defaultConcurrency, variantRecords } from "./runSuites.ts"

export interface ResumeFlags {
  readonly run: string | undefined
  /** The run's new total; what it had by default. */
  readonly budget: string | undefined
  /** Over all runs of a UTC day. */
  readonly dayBudget: string | undefined
  readonly baseUrl: string | undefined
  readonly softBudget: boolean
  readonly concurrency: number | undefined
  readonly database: string | undefined
  readonly json: boolean
}

/** Finishes what a run has not finished, under the same settings: `assay resume`. Nothing answered is bought again. */
export const resumeRun = Effect.fn("resumeRun")(
  function* (flags: ResumeFlags) {
    const { directory } = yield* Environment
    const project = yield* findProject(directory)
    const database = yield* databaseFile(project.root, flags.database)
    const files = yield* FileSystem.FileSystem
    // Opening for writing would make the file.
    if (!(yield* files.exists(database.file))) return yield* noRunYet(database.file)
    yield* Effect.gen(function* () {
      const store = yield* RunStore
      const stored = yield* requireRun(flags.run)
      const budget = flags.budget === undefined ? stored.budget : yield* parseBudget(flags.budget)
      const dayLimit = flags.dayBudget === undefined ? undefined : yield* parseBudget(flags.dayBudget)
      const suites = yield* Effect.forEach(stored.suites, (suite) => importStored(suite, project.root))
      yield* refuseChanges(stored, suites)
      const plan = makePlan(suites, { seed: stored.seed, limit: stored.limit })

      // A run is resumed where it was begun. A simulator listens elsewhere each time and is started anew.
      const baseUrl = flags.baseUrl ?? (stored.simulated ? undefined : stored.baseUrl)
      const named = { name: stored.provider, baseUrl, softBudget: flags.softBudget }
      const choice = bornAt(stored, yield* chooseProvider(named))
      const { provider, unprobed } = yield* readyProvider(choice, plan, { run: stored.id, root: project.root })
      const largestBound = yield* checkBudget(plan, provider, budget)

      yield* store.reopenRun(stored.id, budget)
      const run: RunRecord = { ...stored, budget, status: "running", finishedAt: undefined }
      const concurrency = flags.concurrency ?? defaultConcurrency(provider)
      const shown = { json: flags.json, database: database.shown, keyMissing: false, largestBound }
      yield* executeRun(plan, run, provider, { ...shown, concurrency, unprobed, resumed: true }).pipe(
        withinDay(provider, dayLimit)
      )
    }).pipe(Effect.provide(layerStore({ file: database.file })))
  },
  Effect.scoped,
  Effect.provide(layerServices)
)

/** A server that has moved is still the one that was asked: what it answered, and what is in doubt, is not bought again. */
const bornAt = ({ baseUrl, simulated }: RunRecord, choice: ProviderChoice): ProviderChoice =>
  simulated || choice._tag === "Embedded" ? choice : { ...choice, provider: { ...choice.provider, origin: baseUrl } }

const importStored = Effect.fnUntraced(function* (suite: SuiteRecord, root: string) {
  const path = yield* Path.Path
  if (suite.file === undefined) {
    return yield* failure({
      code: "E0106",
      what: `the suite "${suite.name}" was made by a program`,
      fix: "resume the run from that program",
      exit: ExitCode.usage
    })
  }
  return yield* importSuite({ name: suite.name, file: path.resolve(root, suite.file) })
})

/** A run goes on under the settings it began with, or its numbers would mean two things at once. */
const refuseChanges = Effect.fnUntraced(function* (stored: RunRecord, suites: ReadonlyArray<LoadedSuite>) {
  const variants = suites.flatMap(variantRecords)
  const changes = [
    ...stored.suites.flatMap((before) => {
      const now = suites.find(({ name }) => name === before.name)
      return [
        ...(now?.samplesHash === before.samplesHash ? [] : [`the samples of ${before.name}`]),
        ...(now?.scorersHash === before.scorersHash ? [] : [`the scorers of ${before.name}`])
      ]
    }),
    ...stored.variants.flatMap((before) => {
      const now = variants.find(({ suite, name }) => suite === before.suite && name === before.name)
      const same =
        now?.promptHash === before.promptHash &&
        now.model === before.model &&
        now.reasoningEffort === before.reasoningEffort &&
        now.maxCompletionTokens === before.maxCompletionTokens
      return same ? [] : [`the prompt or settings of ${before.suite}/${before.name}`]
    })
  ]
  if (changes.length === 0) return
  return yield* failure({
    code: "E0107",
    what: `run ${stored.id} cannot be resumed: ${changes.join(", ")} changed since it began`,
    kept: "its finished trials are kept; nothing was sent or charged",
    fix: "undo the change, or begin a new run: assay run",
    exit: ExitCode.usage
  })
})
