import type { RunRecord, RunStatus, SampleRecord, SuiteRecord, TrialOutcome, VariantRecord } from "@assay/harness"
import type { Database } from "better-sqlite3"

export interface RunRow {
  readonly id: bigint
  readonly name: string
  readonly created_at: bigint
  readonly finished_at: bigint | null
  readonly status: RunStatus
  readonly seed: bigint
  readonly provider: string
  readonly base_url: string
  readonly simulated: bigint
  readonly budget_pico_credits: bigint
  readonly sample_limit: bigint | null
  readonly git_commit: string | null
  readonly trials: bigint
  readonly owner_id: bigint | null
}

interface SuiteRow {
  readonly name: string
  readonly file: string | null
  readonly samples_hash: string
  readonly scorers_hash: string
  readonly samples: number
  readonly trials_per_sample: number
}

interface VariantRow {
  readonly suite: string
  readonly name: string
  readonly prompt: string
  readonly prompt_hash: string
  readonly model: string
  readonly reasoning_effort: string | null
  readonly max_completion_tokens: number
}

/** Where a run's variants and suites have their rows. */
export interface RunPlaces {
  readonly id: number
  /** By `placeKey(suite, variant)`. */
  readonly variants: ReadonlyMap<string, { readonly variant: number; readonly suite: number }>
}

export const placeKey = (suite: string, variant: string): string => JSON.stringify([suite, variant])

/** Writes and reads runs with their suites and variants. */
export const makeRunRows = (database: Database) => {
  const insertRun = database.prepare(
    `INSERT INTO run (name, created_at, finished_at, status, seed, provider, base_url, simulated, budget_pico_credits,
       sample_limit, git_commit, trials, owner_id) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`
  )
  const insertSuite = database.prepare(
    `INSERT INTO run_suite (run_id, name, file, samples_hash, scorers_hash, samples, trials_per_sample)
     VALUES (?, ?, ?, ?, ?, ?, ?)`
  )
  const insertVariant = database.prepare(
    `INSERT INTO variant (run_suite_id, name, prompt, prompt_hash, model, reasoning_effort, max_completion_tokens)
     VALUES (?, ?, ?, ?, ?, ?, ?)`
  )
  const insertSample = database.prepare(
    "INSERT INTO sample (run_suite_id, name, hash, input, target, cluster, tags) VALUES (?, ?, ?, ?, ?, ?, ?)"
  )
  const findRun = database.prepare<[string], RunRow>("SELECT * FROM run WHERE name = ?").safeIntegers()
  const findByPrefix = database
    .prepare<{ readonly prefix: string }, RunRow>(
      `SELECT * FROM run WHERE substr(name, 1, length($prefix)) = $prefix
       ORDER BY name = $prefix DESC, created_at DESC, id DESC LIMIT 1`
    )
    .safeIntegers()
  const list = database
    .prepare<[number], RunRow>("SELECT * FROM run ORDER BY created_at DESC, id DESC LIMIT ?")
    .safeIntegers()
  const findSuites = database.prepare<[bigint], SuiteRow>("SELECT * FROM run_suite WHERE run_id = ? ORDER BY id")
  const findVariants = database.prepare<[bigint], VariantRow>(
    `SELECT variant.*, run_suite.name AS suite FROM variant JOIN run_suite ON run_suite.id = variant.run_suite_id
     WHERE run_suite.run_id = ? ORDER BY variant.id`
  )
  const findPlaces = database.prepare<[bigint], { variant: number; suite: number; variantName: string; name: string }>(
    `SELECT variant.id AS variant, variant.name AS variantName, run_suite.id AS suite, run_suite.name
     FROM variant JOIN run_suite ON run_suite.id = variant.run_suite_id WHERE run_suite.run_id = ?`
  )

  return {
    find: (name: string) => findRun.get(name),
    findByPrefix: (prefix: string) => findByPrefix.get({ prefix }),
    list: (limit: number) => list.all(limit),

    insert: (run: RunRecord, samples: ReadonlyArray<SampleRecord>, owner: number): void => {
      // biome-ignore format: the order of the columns
      const runId = insertRun.run(
        run.id, run.createdAt, run.finishedAt ?? null, run.status, run.seed, run.provider, run.baseUrl,
        run.simulated ? 1 : 0, run.budget, run.limit ?? null, run.gitCommit ?? null, run.trials, owner
      ).lastInsertRowid
      const suites = new Map<string, number | bigint>()
      for (const { name, file, samplesHash, scorersHash, samples: taken, trialsPerSample } of run.suites) {
        const inserted = insertSuite.run(runId, name, file ?? null, samplesHash, scorersHash, taken, trialsPerSample)
        suites.set(name, inserted.lastInsertRowid)
      }
      const suiteId = (name: string) => {
        const id = suites.get(name)
        if (id === undefined) throw new Error(`run ${run.id} has no suite ${name}`)
        return id
      }
      for (const variant of run.variants) {
        // biome-ignore format: the order of the columns
        insertVariant.run(
          suiteId(variant.suite), variant.name, variant.prompt, variant.promptHash, variant.model,
          variant.reasoningEffort ?? null, variant.maxCompletionTokens
        )
      }
      for (const { suite, id, hash, input, target, cluster, tags } of samples) {
        insertSample.run(suiteId(suite), id, hash, toJson(input), toJson(target), cluster, JSON.stringify(tags))
      }
    },

    places: (name: string): RunPlaces => {
      const run = findRun.get(name)
      if (run === undefined) throw new Error(`there is no run ${name}`)
      const rows = findPlaces.all(run.id)
      const variants = rows.map(
        ({ name: suiteName, variantName, variant, suite }) =>
          [placeKey(suiteName, variantName), { variant, suite }] as const
      )
      return { id: Number(run.id), variants: new Map(variants) }
    },

    toRecord: (row: RunRow, status: RunStatus): RunRecord => ({
      id: row.name,
      createdAt: Number(row.created_at),
      finishedAt: row.finished_at === null ? undefined : Number(row.finished_at),
      status,
      seed: Number(row.seed),
      provider: row.provider,
      baseUrl: row.base_url,
      simulated: row.simulated === 1n,
      budget: row.budget_pico_credits,
      limit: row.sample_limit === null ? undefined : Number(row.sample_limit),
      gitCommit: row.git_commit ?? undefined,
      suites: findSuites.all(row.id).map(toSuite),
      variants: findVariants.all(row.id).map(toVariant),
      trials: Number(row.trials)
    })
  }
}

const toSuite = (row: SuiteRow): SuiteRecord => ({
  name: row.name,
  file: row.file ?? undefined,
  samplesHash: row.samples_hash,
  scorersHash: row.scorers_hash,
  samples: row.samples,
  trialsPerSample: row.trials_per_sample
})

const toVariant = (row: VariantRow): VariantRecord => ({
  suite: row.suite,
  name: row.name,
  prompt: row.prompt,
  promptHash: row.prompt_hash,
  model: row.model,
  reasoningEffort: row.reasoning_effort ?? undefined,
  maxCompletionTokens: row.max_completion_tokens
})

/** JSON text, or NULL for `undefined`, which JSON cannot say. */
export const toJson = (value: unknown): string | null => JSON.stringify(value) ?? null

export const fromJson = (text: string | null): unknown => (text === null ? undefined : JSON.parse(text))

/** A trial's outcome where it stands in its run, without its texts. */
export interface OutcomeRow {
  readonly suite: string
  readonly variant: string
  readonly sampleId: string
  readonly trialIndex: number
  readonly outcome: TrialOutcome
}
