import type { RunSnapshot } from "@assay/harness"
import { bar } from "./bar.ts"
import { fitLine, lineWidth, type Segment, segment } from "./fitLine.ts"
import { label } from "./label.ts"
import { creditsText, formatPassRate, formatRate, roughCreditsText, shareText, wholeSecondsText } from "./numbers.ts"
import { type RunForecast, runForecast, sumOutcomes } from "./runForecast.ts"
import type { Style } from "./style.ts"

export interface FooterOptions {
  readonly columns: number
  readonly rows: number
  readonly style: Style
  /** UTC milliseconds. */
  readonly now: number
}

/**
 * A run in progress in three lines: how far, how good, how dear. One line on a terminal below 60 columns or 15 rows.
 *
 * What matters least leaves first when columns are few; progress, the rate with its n, the money and the word SIMULATED stay.
 */
export const footerLines = (snapshot: RunSnapshot, options: FooterOptions): ReadonlyArray<string> => {
  const forecast = runForecast(snapshot, options.now)
  // The last column stays free: some terminals wrap when it is written.
  const fit = { columns: options.columns - 1, style: options.style }
  if (options.columns < 60 || options.rows < 15) return [fitLine(statusSegments(snapshot, options.style), fit)]
  return [
    progressLine(snapshot, forecast, fit),
    fitLine(outcomeSegments(snapshot, options.style), fit),
    fitLine(spendSegments(snapshot, forecast, options.style), fit)
  ]
}

type Fit = { readonly columns: number; readonly style: Style }

const progressLine = (snapshot: RunSnapshot, forecast: RunForecast, { columns, style }: Fit): string => {
  const { done, run } = snapshot
  const name = segment(0, "done ", "dim")
  const numbers = progressSegments(snapshot, forecast)
  // Numbers keep fixed places, so that the bar keeps its length and its axis while the run goes on.
  const room = columns - lineWidth([name, ...numbers]) - 2
  const { full, empty } = bar({ done, total: run.trials, columns: Math.min(40, Math.max(8, room)) }, style.glyphs)
  const drawn: Segment = {
    parts: [
      ["plain", full],
      ["dim", empty]
    ],
    drop: 1
  }
  return fitLine([name, drawn, ...numbers], { columns, style })
}

const progressSegments = (snapshot: RunSnapshot, forecast: RunForecast): ReadonlyArray<Segment> => [
  doneSegment(snapshot),
  segment(2, shareText(snapshot.done, snapshot.run.trials).padStart(4)),
  segment(3, wholeSecondsText(forecast.elapsedMillis).padStart(6), "dim"),
  stateSegment(snapshot, forecast),
  ...simulatedMark(snapshot)
]

const outcomeSegments = (snapshot: RunSnapshot, { glyphs }: Style): ReadonlyArray<Segment> => {
  const { passed, failed, unscored } = sumOutcomes(snapshot)
  return [
    segment(0, "pass ", "dim"),
    segment(0, formatRate({ passed, failed }, glyphs), "strong"),
    segment(3, `${glyphs.passed} ${passed} passed`, "passed"),
    segment(1, `${glyphs.failed} ${failed} failed`, failed > 0 ? "failed" : "dim"),
    segment(2, `${glyphs.unscored} ${unscored} unscored`, unscored > 0 ? "unscored" : "dim"),
    segment(4, snapshot.retries === 0 ? "" : `${snapshot.retries} retries`, "dim")
  ]
}

const spendSegments = (snapshot: RunSnapshot, forecast: RunForecast, style: Style): ReadonlyArray<Segment> => [
  segment(0, "spend", "dim"),
  segment(0, `${creditsText(snapshot.ledger.settled)} of ${creditsText(snapshot.ledger.limit)} cr`, "strong"),
  segment(1, snapshot.ledger.held === 0n ? "" : `held ${creditsText(snapshot.ledger.held)}`, "unscored"),
  ...(snapshot.stopping === undefined
    ? forecastSegments(snapshot, forecast, style)
    : [stoppingSegment(snapshot, style)])
]

const forecastSegments = (
  { ended, ledger }: RunSnapshot,
  { spendPerMinute, spentAtEnd }: RunForecast,
  { glyphs }: Style
): ReadonlyArray<Segment> => {
  if (ended !== undefined || spendPerMinute === undefined || spentAtEnd === undefined) return []
  return [
    segment(3, `${roughCreditsText(spendPerMinute)}/min`, "dim"),
    spentAtEnd + ledger.held > ledger.limit
      ? segment(2, `${glyphs.unscored} budget ends first`, "unscored")
      : segment(2, `${glyphs.arrow} ${roughCreditsText(spentAtEnd)} at end`, "dim")
  ]
}

const stoppingSegment = ({ stopping }: RunSnapshot, { glyphs }: Style): Segment =>
  segment(0, label(stopping ?? "", glyphs), "unscored")

/** The one line of a small terminal. */
const statusSegments = (snapshot: RunSnapshot, { glyphs }: Style): ReadonlyArray<Segment> => {
  const { passed, failed } = sumOutcomes(snapshot)
  const rate = passed + failed === 0 ? glyphs.absent : formatPassRate({ passed, failed }, glyphs)
  return [
    ...simulatedMark(snapshot),
    segment(0, `${snapshot.done}/${snapshot.run.trials}`),
    segment(2, `${rate} n ${passed + failed}`, "strong"),
    segment(1, `${creditsText(snapshot.ledger.settled)} cr`),
    ...(snapshot.stopping === undefined ? [] : [segment(3, "stopping", "unscored")])
  ]
}

const doneSegment = ({ done, run }: RunSnapshot): Segment =>
  segment(0, `${String(done).padStart(String(run.trials).length)}/${run.trials}`)

/** As long in every state of a running run, for the bar's sake. */
const stateSegment = ({ ended, stopping }: RunSnapshot, { remainingMillis }: RunForecast): Segment => {
  if (ended !== undefined) return segment(1, ended.status.padEnd(10))
  if (stopping !== undefined) return segment(1, "stopping".padEnd(10), "unscored")
  return remainingMillis === undefined
    ? segment(4, "started".padEnd(10), "dim")
    : segment(4, `ETA ${wholeSecondsText(remainingMillis).padStart(6)}`)
}

const simulatedMark = ({ run }: RunSnapshot): ReadonlyArray<Segment> =>
  run.simulated ? [segment(0, "SIMULATED", "unscored")] : []
