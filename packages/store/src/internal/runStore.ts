import { RunIsOwned, type RunRecord, RunStore, StoreFailed } from "@assay/harness"
import type { Database } from "better-sqlite3"
import { Clock, Effect } from "effect"
import type { makeAppendTrial } from "./appendTrial.ts"
import type { Owners } from "./Owners.ts"
import type { makeRunRows, RunRow } from "./RunRows.ts"
import { makeTrialReaders } from "./readTrials.ts"
import type { Writer } from "./Writer.ts"

const failedTo = (operation: string) => (cause: unknown) => new StoreFailed({ operation, cause })
const failures = {
  createRun: failedTo("create a run"),
  reopenRun: failedTo("reopen a run"),
  finishRun: failedTo("finish a run"),
  appendTrial: failedTo("save a trial"),
  findRun: failedTo("find a run"),
  listRuns: failedTo("list the runs"),
  trialOutcomes: failedTo("read the outcomes of a run"),
  totals: failedTo("add up a run"),
  sampleTrials: failedTo("read the trials of a sample"),
  failures: failedTo("read the failures of a run")
}

/** Runs on SQLite. `appendTrial` comes with the writer, whose transactions its memory of rows has to follow. */
export const makeRunStore = (parts: {
  readonly database: Database
  readonly writer: Writer
  readonly owners: Owners
  readonly runs: ReturnType<typeof makeRunRows>
  readonly appendTrial: ReturnType<typeof makeAppendTrial>["append"]
}): RunStore["Service"] => {
  const { database, writer, owners, runs, appendTrial } = parts
  const trials = makeTrialReaders(database)
  const claim = database.prepare(
    "UPDATE run SET owner_id = ?, budget_pico_credits = ?, status = 'running', finished_at = NULL WHERE id = ?"
  )
  const finish = database.prepare("UPDATE run SET owner_id = NULL, status = ?, finished_at = ? WHERE name = ?")

  const ownerOf = (row: RunRow, now: number) =>
    row.owner_id === null ? undefined : owners.livingOther(Number(row.owner_id), now)

  /** A run that nobody writes any more was interrupted, though it could not say so. */
  const statusOf = (row: RunRow, now: number) =>
    row.status === "running" && Number(row.owner_id) !== owners.self && ownerOf(row, now) === undefined
      ? "interrupted"
      : row.status

  const read = <A>(onFailure: (cause: unknown) => StoreFailed, work: (now: number) => A) =>
    Effect.flatMap(Clock.currentTimeMillis, (now) => Effect.try({ try: () => work(now), catch: onFailure }))

  const toRecord = (row: RunRow, now: number): RunRecord => runs.toRecord(row, statusOf(row, now))

  return RunStore.of({
    createRun: (run, samples) =>
      writer.commit(() => {
        const stored = runs.find(run.id)
        if (stored === undefined) return runs.insert(run, samples, owners.self)
        if (Number(stored.created_at) !== run.createdAt || Number(stored.seed) !== run.seed) {
          throw new Error(`another run is called ${run.id}`)
        }
      }, failures.createRun),

    reopenRun: (id, budget) =>
      Effect.flatMap(Clock.currentTimeMillis, (now) =>
        writer.commit(() => {
          const row = runs.find(id)
          if (row === undefined) throw new Error(`there is no run ${id}`)
          const owner = ownerOf(row, now)
          if (owner === undefined) claim.run(owners.self, budget, row.id)
          return owner
        }, failures.reopenRun)
      ).pipe(
        Effect.flatMap((owner) =>
          owner === undefined ? Effect.void : Effect.fail(new RunIsOwned({ run: id, pid: owner.pid }))
        )
      ),

    finishRun: (id, status, at) =>
      writer.commit(() => {
        if (finish.run(status, at, id).changes === 0) throw new Error(`there is no run ${id}`)
      }, failures.finishRun),

    appendTrial: (run, trial, prompt) => writer.commit(() => appendTrial(run, trial, prompt), failures.appendTrial),

    findRun: (id) =>
      read(failures.findRun, (now) => {
        const row = id === undefined ? runs.list(1)[0] : runs.findByPrefix(id)
        return row === undefined ? undefined : toRecord(row, now)
      }),

    listRuns: (limit) => read(failures.listRuns, (now) => runs.list(limit).map((row) => toRecord(row, now))),
    trialOutcomes: (run) => read(failures.trialOutcomes, () => trials.outcomes(run)),
    totals: (run) => read(failures.totals, () => trials.totals(run)),
    sampleTrials: (run, sampleId) => read(failures.sampleTrials, () => trials.ofSample(run, sampleId)),
    failures: (run, limit) => read(failures.failures, () => trials.failures(run, limit))
  })
}
