import { Ledger, LedgerJournal, ModelClient, type Provider } from "@assay/core"
import { type Plan, type RunRecord, type RunResult, runPlan } from "@assay/harness"
import { Effect, Layer } from "effect"
import { ExitCode } from "../ExitCode.ts"
import { failure } from "../Failure.ts"
import { Screen } from "../Screen.ts"
import { Signals } from "../Signals.ts"
import { toFailure } from "../toFailure.ts"
import { factLines } from "./factLines.ts"
import { heldAfterRun, heldLines } from "./heldLines.ts"
import { openAccount } from "./openAccount.ts"
import { openReport, type ReportOptions } from "./openReport.ts"

/**
 * Runs what is left of a stored run and reports it, live and at the end. Succeeds when the run completed; every other
 * end is a `Failure` with its exit code, after the report.
 */
export const executeRun = Effect.fn("executeRun")(function* (
  plan: Plan,
  run: RunRecord,
  provider: Provider,
  options: ReportOptions & {
    readonly concurrency: number
    readonly resumed: boolean
    /** Models that were never probed at this provider: the run starts with one call at a time. */
    readonly unprobed: ReadonlyArray<string>
  }
) {
  const screen = yield* Screen
  const signals = yield* Signals
  const journal = yield* LedgerJournal
  const say = options.json ? screen.err : screen.out
  const { concurrency, unprobed } = options
  const account = yield* openAccount(provider, concurrency)
  const client = ModelClient.layer({
    providers: [provider],
    concurrency: unprobed.length === 0 ? concurrency : { min: 1, start: 1, max: concurrency },
    recall: options.resumed
  }).pipe(Layer.provideMerge(Ledger.layer({ budget: run.id, limit: run.budget })), Layer.provide(account.journal))

  yield* signals.willDrain
  const before = yield* journal.totals(run.id)
  const report = yield* openReport(run, options)
  if (unprobed.length > 0) {
    const models = unprobed.join(", ")
    const fact = `${models} was never probed here, so calls start one at a time; assay doctor --probe finds out more`
    for (const line of factLines("probe", fact, screen.columns)) yield* say(line)
  }
  const result = yield* runPlan(plan, {
    run,
    concurrency,
    stop: Effect.asVoid(signals.stop),
    abort: signals.abort,
    emit: report.emit
  }).pipe(Effect.provide(client), Effect.ensuring(report.close))

  for (const line of report.table()) yield* say(line)
  for (const fact of yield* account.facts(before, yield* journal.totals(run.id))) {
    for (const line of factLines("account", fact, screen.columns)) yield* say(line)
  }
  const held = yield* journal.held(run.id)
  const page = { run: run.id, most: heldAfterRun, columns: screen.columns }
  for (const line of heldLines(held, page)) yield* say(line)
  return yield* conclude(run, result, held.length)
}, Effect.scoped)

const counted = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? "" : "s"}`

/** The exit code that a run's end stands for, with the words for a person. */
const conclude = Effect.fnUntraced(function* (run: RunRecord, result: RunResult, held: number) {
  const resume = `assay resume ${run.id}`
  const kept = "all finished trials are kept"
  const { cause, status } = result
  if (status === "completed") return
  if (cause === undefined) {
    return yield* failure({
      code: "E1401",
      what: `run ${run.id} is incomplete: ${result.reason}`,
      why: held === 0 ? undefined : `${counted(held, "call")} without an end: not sent again, by resume neither`,
      kept,
      fix: `${resume}, or see why: assay show ${run.id}`,
      exit: ExitCode.incomplete
    })
  }
  switch (cause._tag) {
    case "ProviderDown":
      return yield* failure({ code: "E1303", what: cause.message, kept, fix: resume, exit: ExitCode.incomplete })
    case "Signal": {
      const signals = yield* Signals
      const terminated = (yield* signals.stop) === "SIGTERM"
      return yield* failure({
        code: "E1501",
        what: `run ${run.id} was stopped`,
        kept,
        fix: resume,
        exit: terminated ? ExitCode.terminated : ExitCode.interrupted
      })
    }
    default: {
      const failed = toFailure(cause)
      return yield* failure({
        ...failed,
        fix: failed.fix?.replace("assay resume", resume),
        exit: failed.exit as ExitCode
      })
    }
  }
})
