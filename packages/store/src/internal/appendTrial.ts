import type { RenderedPrompt, ScoreRecord, TrialRecord } from "@assay/harness"
import type { Database } from "better-sqlite3"
import type { Attempts } from "./Attempts.ts"
import { toHashColumn } from "./hashColumn.ts"
import { placeKey, type RunPlaces, toJson } from "./RunRows.ts"
import type { WriteCache } from "./Writer.ts"

/** Prompts whose row is remembered, so that repeats of a trial need not look it up. */
const promptsRemembered = 4096

/** The hot path of the run store: one trial with its prompt and its scores, inside the writer's transaction. */
export const makeAppendTrial = (database: Database, attempts: Attempts, findPlaces: (run: string) => RunPlaces) => {
  const statements = makeStatements(database)
  const placesByRun = new Map<string, RunPlaces>()
  const promptIds = new Map<string, number | bigint>()

  const cache: WriteCache = {
    flush: () => {},
    // Rows are never changed or deleted, so what is committed may be remembered; what was rolled back may not.
    forget: (committed) => {
      if (!committed) placesByRun.clear()
      if (!committed || promptIds.size > promptsRemembered) promptIds.clear()
    }
  }

  const placesOf = (run: string): RunPlaces => {
    const known = placesByRun.get(run)
    if (known !== undefined) return known
    const found = findPlaces(run)
    placesByRun.set(run, found)
    return found
  }

  const promptId = (prompt: RenderedPrompt): number | bigint => {
    const known = promptIds.get(prompt.hash)
    if (known !== undefined) return known
    const hash = toHashColumn(prompt.hash)
    const inserted = statements.insertPrompt.run(hash, JSON.stringify(prompt.messages))
    const id = inserted.changes === 1 ? inserted.lastInsertRowid : statements.findPrompt.get(hash)?.id
    if (id === undefined) throw new Error(`the prompt ${prompt.hash} could not be stored`)
    promptIds.set(prompt.hash, id)
    return id
  }

  const append = (run: string, trial: TrialRecord, prompt: RenderedPrompt): void => {
    const place = placesOf(run).variants.get(placeKey(trial.suite, trial.variant))
    if (place === undefined) throw new Error(`run ${run} has no variant ${trial.variant} of suite ${trial.suite}`)
    const output = trial.output ?? null
    const attempt = trial.attemptId === undefined ? undefined : attempts.find(run, trial.attemptId)
    const completion = attempt === undefined ? undefined : statements.findCompletion.get(output, attempt)
    const outputInBody = completion?.output_in_body === 1
    // biome-ignore format: the order of the columns
    const columns = [
      trial.outcome, trial.reason ?? null, promptId(prompt), attempt ?? null,
      attempt === undefined ? (trial.attemptId ?? null) : null, trial.attempts, outputInBody ? 1 : 0,
      outputInBody ? null : output, trial.finishReason ?? null, trial.responseModel ?? null,
      trial.systemFingerprint ?? null, trial.promptTokens ?? null, trial.completionTokens ?? null,
      trial.reasoningTokens ?? null, trial.cost, trial.latencyMillis ?? null, trial.finishedAt
    ]
    const stored = store(place, trial, columns)
    // The first outcome stays.
    if (stored === undefined) return
    for (let position = 0; position < trial.scores.length; position++) {
      const score = trial.scores[position]
      if (score !== undefined) insertScore(stored, position, completion === undefined ? null : (attempt ?? null), score)
    }
  }

  /** The trial's row with its round of scores; nothing when it has an outcome that stays. */
  const store = (
    place: { readonly variant: number; readonly suite: number },
    { sampleId, trialIndex }: TrialRecord,
    columns: ReadonlyArray<unknown>
  ) => {
    const inserted = statements.insertTrial.run(place.suite, sampleId, place.variant, trialIndex, ...columns)
    if (inserted.changes === 1) return { id: inserted.lastInsertRowid, score_round: 1 }
    return statements.replaceUnscored.get(...columns, place.suite, sampleId, place.variant, trialIndex)
  }

  const insertScore = (
    trial: { readonly id: number | bigint; readonly score_round: number },
    position: number,
    completion: number | bigint | null,
    { scorer, version, value, passed, explanation, details }: ScoreRecord
  ) =>
    // biome-ignore format: the order of the columns
    statements.insertScore.run(
      trial.id, trial.score_round, position, completion, scorer, version, value ?? null, passed ? 1 : 0, explanation,
      toJson(details)
    )

  return { append, cache }
}

/** What an outcome fills in, in the order of the parameters. */
// biome-ignore format: a list
const columnNames = [
  "outcome", "reason", "rendered_prompt_id", "attempt_id", "attempt_elsewhere", "attempts", "output_in_body", "output",
  "finish_reason", "response_model", "system_fingerprint", "prompt_tokens", "completion_tokens", "reasoning_tokens",
  "cost_pico_credits", "latency_ms", "finished_at"
]

const makeStatements = (database: Database) => ({
  insertPrompt: database.prepare<[Buffer | string, string]>(
    "INSERT INTO rendered_prompt (hash, messages) VALUES (?, ?) ON CONFLICT (hash) DO NOTHING"
  ),
  findPrompt: database.prepare<[Buffer | string], { id: number }>("SELECT id FROM rendered_prompt WHERE hash = ?"),
  /** Whether the output can be read back from the reply exactly as it is; then it is not stored again. */
  findCompletion: database.prepare<
    [output: string | null, attempt: number | bigint],
    { readonly output_in_body: number | null }
  >(
    `SELECT CASE WHEN json_valid(body)
       THEN coalesce(json_extract(body, '$.choices[0].message.content'), '') = ? END AS output_in_body
     FROM completion WHERE attempt_id = ?`
  ),
  insertTrial: database.prepare<unknown[]>(
    `INSERT INTO trial (sample_id, variant_id, trial_index, ${columnNames.join(", ")}, score_round)
     VALUES ((SELECT id FROM sample WHERE run_suite_id = ? AND name = ?), ?, ?,
       ${columnNames.map(() => "?").join(", ")}, 1)
     ON CONFLICT (sample_id, variant_id, trial_index) DO NOTHING`
  ),
  replaceUnscored: database.prepare<unknown[], { readonly id: number; readonly score_round: number }>(
    `UPDATE trial SET ${columnNames.map((name) => `${name} = ?`).join(", ")}, score_round = score_round + 1
     WHERE sample_id = (SELECT id FROM sample WHERE run_suite_id = ? AND name = ?)
       AND variant_id = ? AND trial_index = ? AND outcome = 'unscored'
     RETURNING id, score_round`
  ),
  insertScore: database.prepare<unknown[]>(
    `INSERT INTO score (trial_id, round, position, completion_id, scorer, scorer_version, value, passed, explanation,
       details) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`
  )
})
