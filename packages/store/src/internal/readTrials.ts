import type {
  RenderedPrompt,
  SampleRecord,
  ScoreRecord,
  StoredTrial,
  TrialOutcome,
  TrialRecord,
  VariantTotals
} from "@assay/harness"
import type { Database } from "better-sqlite3"
import { fromHashColumn } from "./hashColumn.ts"
import { fromJson, type OutcomeRow } from "./RunRows.ts"

interface TrialRow {
  readonly id: bigint
  readonly suite: string
  readonly variant: string
  readonly sample: string
  readonly trial_index: bigint
  readonly outcome: TrialOutcome
  readonly reason: string | null
  readonly attempt: string | null
  readonly attempts: bigint
  readonly output: string | null
  readonly finish_reason: string | null
  readonly response_model: string | null
  readonly system_fingerprint: string | null
  readonly prompt_tokens: bigint | null
  readonly completion_tokens: bigint | null
  readonly reasoning_tokens: bigint | null
  readonly cost_pico_credits: bigint
  readonly latency_ms: number | null
  readonly finished_at: bigint
}

interface StoredTrialRow extends TrialRow {
  readonly sample_hash: string
  readonly input: string | null
  readonly target: string | null
  readonly cluster: string
  readonly tags: string
  readonly prompt_hash: Buffer | string
  readonly messages: string
}

interface TotalsRow {
  readonly variant_id: bigint
  readonly suite: string
  readonly variant: string
  readonly planned: bigint
  readonly passed: bigint
  readonly failed: bigint
  readonly unscored: bigint
  readonly cost: bigint
  readonly timed: bigint
}

/** Columns of a trial with the names around it; the joins are the same for every reader. */
const trialColumns = `trial.id, run_suite.name AS suite, variant.name AS variant, sample.name AS sample,
  trial.trial_index, trial.outcome, trial.reason, coalesce(attempt.name, trial.attempt_elsewhere) AS attempt,
  trial.attempts,
  CASE WHEN trial.output_in_body = 1
    THEN coalesce(json_extract(completion.body, '$.choices[0].message.content'), '') ELSE trial.output END AS output,
  trial.finish_reason, trial.response_model, trial.system_fingerprint, trial.prompt_tokens, trial.completion_tokens,
  trial.reasoning_tokens, trial.cost_pico_credits, trial.latency_ms, trial.finished_at`

const trialJoins = `run
  JOIN run_suite ON run_suite.run_id = run.id
  JOIN sample ON sample.run_suite_id = run_suite.id
  JOIN trial ON trial.sample_id = sample.id
  JOIN variant ON variant.id = trial.variant_id
  LEFT JOIN attempt ON attempt.id = trial.attempt_id
  LEFT JOIN completion ON completion.attempt_id = trial.attempt_id`

/** All that is read of trials. Each reader is one statement or two, so none keeps a transaction open. */
export const makeTrialReaders = (database: Database) => {
  const findOutcomes = database.prepare<[string], OutcomeRow>(
    `SELECT run_suite.name AS suite, variant.name AS variant, sample.name AS sampleId, trial.trial_index AS trialIndex,
       trial.outcome
     FROM run
     JOIN run_suite ON run_suite.run_id = run.id
     JOIN sample ON sample.run_suite_id = run_suite.id
     JOIN trial ON trial.sample_id = sample.id
     JOIN variant ON variant.id = trial.variant_id
     WHERE run.name = ?`
  )
  const findTotals = database
    .prepare<[string], TotalsRow>(
      `SELECT variant.id AS variant_id, run_suite.name AS suite, variant.name AS variant,
         run_suite.samples * run_suite.trials_per_sample AS planned,
         count(*) FILTER (WHERE trial.outcome = 'passed') AS passed,
         count(*) FILTER (WHERE trial.outcome = 'failed') AS failed,
         count(*) FILTER (WHERE trial.outcome = 'unscored') AS unscored,
         coalesce(sum(trial.cost_pico_credits), 0) AS cost,
         count(trial.latency_ms) AS timed
       FROM run
       JOIN run_suite ON run_suite.run_id = run.id
       JOIN variant ON variant.run_suite_id = run_suite.id
       LEFT JOIN sample ON sample.run_suite_id = run_suite.id
       LEFT JOIN trial ON trial.sample_id = sample.id AND trial.variant_id = variant.id
       WHERE run.name = ? GROUP BY variant.id ORDER BY variant.id`
    )
    .safeIntegers()
  const findMiddle = database.prepare<[bigint, bigint, bigint], { latency_ms: number }>(
    `SELECT trial.latency_ms FROM variant
     JOIN sample ON sample.run_suite_id = variant.run_suite_id
     JOIN trial ON trial.sample_id = sample.id AND trial.variant_id = variant.id
     WHERE variant.id = ? AND trial.latency_ms IS NOT NULL
     ORDER BY trial.latency_ms LIMIT ? OFFSET ?`
  )
  const findOfSample = database
    .prepare<[string, string], StoredTrialRow>(
      `SELECT ${trialColumns}, sample.hash AS sample_hash, sample.input, sample.target, sample.cluster, sample.tags,
         rendered_prompt.hash AS prompt_hash, rendered_prompt.messages
       FROM ${trialJoins} JOIN rendered_prompt ON rendered_prompt.id = trial.rendered_prompt_id
       WHERE run.name = ? AND sample.name = ? ORDER BY variant.id, trial.trial_index`
    )
    .safeIntegers()
  const findFailures = database
    .prepare<[string, number], TrialRow>(
      `SELECT ${trialColumns} FROM ${trialJoins}
       WHERE run.name = ? AND trial.outcome <> 'passed' ORDER BY trial.finished_at, trial.id LIMIT ?`
    )
    .safeIntegers()
  const findScores = database.prepare<
    [bigint],
    {
      readonly scorer: string
      readonly version: number
      readonly value: number | null
      readonly passed: number
      readonly explanation: string
      readonly details: string | null
    }
  >(
    `SELECT scorer, scorer_version AS version, value, passed, explanation, details
     FROM trial JOIN score ON score.trial_id = trial.id AND score.round = trial.score_round
     WHERE trial.id = ? ORDER BY position`
  )

  const scoresOf = (trial: bigint): ReadonlyArray<ScoreRecord> =>
    findScores.all(trial).map(({ value, passed, details, ...rest }) => ({
      ...rest,
      value: value ?? undefined,
      passed: passed === 1,
      details: fromJson(details)
    }))

  const toTrial = (row: TrialRow): TrialRecord => ({
    suite: row.suite,
    variant: row.variant,
    sampleId: row.sample,
    trialIndex: Number(row.trial_index),
    outcome: row.outcome,
    reason: row.reason ?? undefined,
    attemptId: row.attempt ?? undefined,
    attempts: Number(row.attempts),
    output: row.output ?? undefined,
    finishReason: row.finish_reason ?? undefined,
    responseModel: row.response_model ?? undefined,
    systemFingerprint: row.system_fingerprint ?? undefined,
    promptTokens: toCount(row.prompt_tokens),
    completionTokens: toCount(row.completion_tokens),
    reasoningTokens: toCount(row.reasoning_tokens),
    cost: row.cost_pico_credits,
    latencyMillis: row.latency_ms ?? undefined,
    finishedAt: Number(row.finished_at),
    scores: scoresOf(row.id)
  })

  /** The middle latency, or the mean of the two in the middle. */
  const medianLatency = ({ variant_id, timed }: TotalsRow): number | undefined => {
    if (timed === 0n) return undefined
    const middle = findMiddle.all(variant_id, timed % 2n === 0n ? 2n : 1n, (timed - 1n) / 2n)
    return middle.reduce((sum, { latency_ms }) => sum + latency_ms, 0) / middle.length
  }

  return {
    outcomes: (run: string): ReadonlyArray<OutcomeRow> => findOutcomes.all(run),
    failures: (run: string, limit: number) => findFailures.all(run, limit).map(toTrial),
    ofSample: (run: string, sample: string) =>
      findOfSample
        .all(run, sample)
        .map((row): StoredTrial => ({ trial: toTrial(row), sample: toSample(row), prompt: toPrompt(row) })),
    totals: (run: string) =>
      findTotals.all(run).map(
        (row): VariantTotals => ({
          suite: row.suite,
          variant: row.variant,
          planned: Number(row.planned),
          passed: Number(row.passed),
          failed: Number(row.failed),
          unscored: Number(row.unscored),
          cost: row.cost,
          medianLatencyMillis: medianLatency(row)
        })
      )
  }
}

const toCount = (stored: bigint | null): number | undefined => (stored === null ? undefined : Number(stored))

const toSample = (row: StoredTrialRow): SampleRecord => ({
  suite: row.suite,
  id: row.sample,
  hash: row.sample_hash,
  input: fromJson(row.input),
  target: fromJson(row.target),
  cluster: row.cluster,
  tags: JSON.parse(row.tags)
})

const toPrompt = (row: StoredTrialRow): RenderedPrompt => ({
  hash: fromHashColumn(row.prompt_hash),
  messages: JSON.parse(row.messages)
})
