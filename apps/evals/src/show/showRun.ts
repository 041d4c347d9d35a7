import { LedgerJournal } from "@assay/core"
import { type RunSnapshot, RunStore, type TrialRecord } from "@assay/harness"
import {
  displayWidth,
  label,
  padEnd,
  resultTable,
  runBanner,
  type Style,
  sanitizeLine,
  trialName
} from "@assay/tui/text"
import { Effect } from "effect"
import { Environment } from "../Environment.ts"
import { ExitCode } from "../ExitCode.ts"
import { failure } from "../Failure.ts"
import { databaseFile } from "../run/databaseFile.ts"
import { heldLines } from "../run/heldLines.ts"
import { requireRun } from "../run/requireRun.ts"
import { Screen } from "../Screen.ts"
import { findProject } from "../suites/findSuites.ts"
import { openStoreForReading } from "./openStore.ts"
import { sampleLines } from "./sampleLines.ts"
import { toJson } from "./toJson.ts"

/** Failures beyond these are counted, not listed. */
const mostFailures = 20

/** A run's table and failures, or all about one of its samples: `assay show [RUN[/SAMPLE]]`. */
export const showRun = Effect.fn("showRun")(function* (options: {
  readonly what: string | undefined
  readonly database: string | undefined
  readonly json: boolean
}) {
  const [id, ...rest] = (options.what ?? "").split("/")
  const sample = rest.length === 0 ? undefined : rest.join("/")
  const layer = yield* openStoreForReading(options.database)
  const run = id === "" ? undefined : id
  yield* (sample === undefined ? showWhole(run, options) : showSample(run, sample, options.json)).pipe(
    Effect.provide(layer)
  )
})

const showWhole = Effect.fnUntraced(function* (
  id: string | undefined,
  options: { readonly database: string | undefined; readonly json: boolean }
) {
  const screen = yield* Screen
  const { columns, out, style } = screen
  const store = yield* RunStore
  const journal = yield* LedgerJournal
  const run = yield* requireRun(id)
  const totals = yield* store.totals(run.id)
  const ledger = yield* journal.totals(run.id)
  const held = yield* journal.held(run.id)
  const failures = yield* store.failures(run.id, mostFailures + 1)
  if (options.json) return yield* out(toJson({ run, totals, ledger, held, failures }))

  const project = yield* findProject((yield* Environment).directory)
  const { shown } = yield* databaseFile(project.root, options.database)
  for (const line of runBanner(run, { columns, style, database: shown, keyMissing: false })) yield* out(line)
  const done = totals.reduce((sum, row) => sum + row.passed + row.failed + row.unscored, 0)
  const finishedAt = run.finishedAt ?? run.createdAt
  const snapshot: RunSnapshot = {
    run,
    concurrency: 0,
    startedAt: run.createdAt,
    updatedAt: finishedAt,
    variants: totals,
    done,
    doneHere: done,
    ledger,
    failures: [],
    retries: 0,
    notice: undefined,
    stopping: undefined,
    ended: { status: run.status, reason: undefined }
  }
  for (const line of [
    "",
    ...resultTable(snapshot, { columns, style }),
    ...heldLines(held, { run: run.id, most: Number.POSITIVE_INFINITY, columns })
  ])
    yield* out(line)
  if (failures.length === 0) return
  yield* out("")
  for (const line of failureLines(failures.slice(0, mostFailures), style)) yield* out(line)
  const more = totals.reduce((sum, row) => sum + row.failed + row.unscored, 0) - mostFailures
  if (more > 0) yield* out(`and ${more} more`)
  yield* out(`Why? assay show ${run.id}/${failures[0]?.sampleId}`)
})

/** Which trials did not pass, by which prompt, and why. */
const failureLines = (failures: ReadonlyArray<TrialRecord>, { glyphs, paint }: Style): ReadonlyArray<string> => {
  const names = failures.map((trial) => trialName(trial, glyphs))
  const variants = failures.map(({ variant }) => label(variant, glyphs))
  const [nameWidth, variantWidth] = [names, variants].map((texts) => Math.max(...texts.map(displayWidth)))
  return failures.map(({ outcome, reason }, index) => {
    const name = padEnd(`${glyphs[outcome]} ${names[index]}`, (nameWidth ?? 0) + 2)
    const variant = padEnd(variants[index] ?? "", variantWidth ?? 0)
    return `${paint(outcome, name)}  ${paint("dim", variant)}  ${sanitizeLine(reason ?? "")}`
  })
}

const showSample = Effect.fnUntraced(function* (id: string | undefined, sampleId: string, json: boolean) {
  const { out, style } = yield* Screen
  const store = yield* RunStore
  const run = yield* requireRun(id)
  const trials = yield* store.sampleTrials(run.id, sampleId)
  if (trials.length === 0) {
    return yield* failure({
      code: "E0602",
      what: `run ${run.id} has no trial of a sample "${sampleId}"`,
      fix: `assay show ${run.id}`,
      exit: ExitCode.notFound
    })
  }
  if (json) return yield* out(toJson({ run: run.id, simulated: run.simulated, trials }))
  for (const line of sampleLines(run, trials, style)) yield* out(line)
})
