import { accountBalance, formatCredits, Ledger, LedgerJournal, ModelClient, type Provider } from "@assay/core"
import { type Plan, type RunRecord, type RunResult, runPlan } from "@assay/harness"
import { Effect, Layer } from "effect"
import { ExitCode } from "../ExitCode.ts"
import { failure } from "../Failure.ts"
import { Screen } from "../Screen.ts"
import { Signals } from "../Signals.ts"
import { toFailure } from "../toFailure.ts"
import { heldLines } from "./heldLines.ts"
import { openReport, type ReportOptions } from "./openReport.ts"

/**
 * Runs what is left of a stored run and reports it, live and at the end. Succeeds when the run completed; every other
 * end is a `Failure` with its exit code, after the report.
 */
export const executeRun = Effect.fn("executeRun")(function* (
  plan: Plan,
  run: RunRecord,
  provider: Provider,
  options: ReportOptions & { readonly concurrency: number; readonly resumed: boolean }
) {
  const screen = yield* Screen
  const signals = yield* Signals
  const journal = yield* LedgerJournal
  const say = options.json ? screen.err : screen.out
  const client = ModelClient.layer({
    providers: [provider],
    concurrency: options.concurrency,
    recall: options.resumed
  }).pipe(Layer.provideMerge(Ledger.layer({ budget: run.id, limit: run.budget })))

  yield* signals.willDrain
  const settledBefore = (yield* journal.totals(run.id)).settled
  const balanceBefore = provider.simulated ? yield* accountBalance(provider) : 0n
  const report = yield* openReport(run, options)
  const result = yield* runPlan(plan, {
    run,
    concurrency: options.concurrency,
    stop: Effect.asVoid(signals.stop),
    abort: signals.abort,
    emit: report.emit
  }).pipe(Effect.provide(client), Effect.ensuring(report.close))

  for (const line of report.table()) yield* say(line)
  const totals = yield* journal.totals(run.id)
  if (provider.simulated) {
    const drop = balanceBefore - (yield* accountBalance(provider))
    const settled = totals.settled - settledBefore
    const verdict = drop === settled ? "equal to the last pico-credit" : `${formatCredits(drop - settled)} apart`
    yield* say(`account  dropped by ${formatCredits(drop)}, the ledger settled ${formatCredits(settled)}: ${verdict}`)
  }
  for (const line of heldLines(yield* journal.held(run.id))) yield* say(line)
  return yield* conclude(run, result)
}, Effect.scoped)

/** The exit code that a run's end stands for, with the words for a person. */
const conclude = Effect.fnUntraced(function* (run: RunRecord, result: RunResult) {
  const resume = `assay resume ${run.id}`
  const kept = "all finished trials are kept"
  const { cause, status } = result
  if (status === "completed") return
  if (cause === undefined) {
    return yield* failure({
      code: "E1401",
      what: `run ${run.id} is incomplete: ${result.reason}`,
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
