import { foldRunEvent, type RunEvent, type RunSnapshot, type RunStarted, type TrialEnded } from "@assay/harness"
import { DateTime } from "effect"
import { clip } from "./displayWidth.ts"
import type { Glyphs } from "./glyphs.ts"
import { label } from "./label.ts"
import { creditsText, durationText, formatRate, roughCreditsText, shareText, wholeSecondsText } from "./numbers.ts"
import { runForecast, sumOutcomes } from "./runForecast.ts"
import { trialName } from "./trialLine.ts"

/** What the append-only report must remember between two events. */
export interface PlainReport {
  readonly snapshot: RunSnapshot | undefined
  /** The time and the count of trials at the newest progress line. */
  readonly shownAt: number
  readonly shownDone: number
}

/** Before the first event. */
export const emptyPlainReport: PlainReport = { snapshot: undefined, shownAt: 0, shownDone: 0 }

/**
 * The report after one more event, and the lines to append: for pipes, CI and screen readers. No escape, no carriage
 * return, no colour. One progress line each 10 seconds or 5 %, whichever comes first, and each failure once.
 */
export const plainReport = (
  report: PlainReport,
  event: RunEvent,
  { glyphs, database }: { readonly glyphs: Glyphs; readonly database: string | undefined }
): { readonly report: PlainReport; readonly lines: ReadonlyArray<string> } => {
  const snapshot = foldRunEvent(report.snapshot, event)
  if (snapshot === undefined) return { report, lines: [] }
  const stamped = (texts: ReadonlyArray<string>) =>
    texts.map((text) => clip(`${clockTime(event.at)} ${text}`, longestLine))
  switch (event._tag) {
    case "RunStarted":
      return {
        report: { snapshot, shownAt: event.at, shownDone: snapshot.done },
        lines: stamped([startLine(event, snapshot, glyphs, database)])
      }
    case "TrialEnded": {
      const isDue = progressIsDue(report, snapshot)
      return {
        report: isDue ? { snapshot, shownAt: event.at, shownDone: snapshot.done } : { ...report, snapshot },
        lines: stamped([
          ...(event.outcome === "passed" ? [] : [failureLine(event, glyphs)]),
          ...(isDue ? [progressLine(snapshot, glyphs)] : [])
        ])
      }
    }
    case "RunNoticed":
      return { report: { ...report, snapshot }, lines: stamped([`note  ${label(event.notice, glyphs)}`]) }
    case "RunStopping":
      return {
        report: { ...report, snapshot },
        lines: stamped([`stopping  ${label(event.reason, glyphs)}  ${event.inFlight} calls in flight`])
      }
    case "RunEnded":
      return { report: { ...report, snapshot }, lines: stamped([endLine(snapshot, event.elapsedMillis, glyphs)]) }
  }
}

/** Logs are read in windows of unknown width, but a reason of a megabyte helps nobody. */
const longestLine = 400

const progressIsDue = ({ shownAt, shownDone }: PlainReport, { done, run, updatedAt }: RunSnapshot): boolean =>
  updatedAt - shownAt >= 10_000 || (done - shownDone) * 20 >= run.trials

const startLine = (event: RunStarted, { done }: RunSnapshot, glyphs: Glyphs, database: string | undefined): string => {
  const { run } = event
  return joined([
    `run ${label(run.id, glyphs)} ${done === 0 ? "start" : `resumed at ${done}`}`,
    `${run.trials} trials`,
    `budget ${creditsText(run.budget)} cr`,
    `provider ${label(run.provider, glyphs)}`,
    `seed ${run.seed}`,
    database === undefined ? "" : `database ${label(database, glyphs)}`,
    simulatedWord(run.simulated)
  ])
}

const progressLine = (snapshot: RunSnapshot, glyphs: Glyphs): string => {
  const { done, ledger, run } = snapshot
  const { remainingMillis, spendPerMinute } = runForecast(snapshot, snapshot.updatedAt)
  return joined([
    `${done}/${run.trials} ${shareText(done, run.trials)}`,
    `pass ${formatRate(sumOutcomes(snapshot), glyphs)}`,
    `${creditsText(ledger.settled)} of ${creditsText(ledger.limit)} cr`,
    ledger.held === 0n ? "" : `held ${creditsText(ledger.held)} cr`,
    spendPerMinute === undefined ? "" : `${roughCreditsText(spendPerMinute)}/min`,
    remainingMillis === undefined || done === run.trials ? "" : `eta ${wholeSecondsText(remainingMillis)}`,
    simulatedWord(run.simulated)
  ])
}

const failureLine = (trial: TrialEnded, glyphs: Glyphs): string =>
  joined([
    `${trial.outcome === "failed" ? "FAIL" : "UNSCORED"} ${trialName(trial, glyphs)}`,
    label(trial.variant, glyphs),
    // Not the whole reason, so that what it cost stays on the line.
    clip(label(trial.reason ?? "", glyphs), 200, glyphs.ellipsis),
    trial.latencyMillis === undefined ? "" : durationText(trial.latencyMillis),
    `${creditsText(trial.cost)} cr`
  ])

const endLine = (snapshot: RunSnapshot, elapsedMillis: number, glyphs: Glyphs): string => {
  const { done, ended, ledger, run } = snapshot
  const { passed, failed, unscored } = sumOutcomes(snapshot)
  return joined([
    `${ended?.status ?? ""} ${done}/${run.trials}`,
    `pass ${formatRate({ passed, failed }, glyphs)}`,
    `failed ${failed}`,
    `unscored ${unscored}`,
    `${creditsText(ledger.settled)} of ${creditsText(ledger.limit)} cr`,
    ledger.held === 0n ? "" : `held ${creditsText(ledger.held)} cr`,
    durationText(elapsedMillis),
    label(ended?.reason ?? "", glyphs),
    simulatedWord(run.simulated)
  ])
}

const simulatedWord = (simulated: boolean): string => (simulated ? "SIMULATED" : "")

const joined = (parts: ReadonlyArray<string>): string => parts.filter((part) => part !== "").join("  ")

/** `12:41:34`, UTC. */
const clockTime = (millis: number): string => DateTime.formatIso(DateTime.makeUnsafe(millis)).slice(11, 19)
