import { foldRunEvent, type RunEvent, type RunRecord, type RunSnapshot } from "@assay/harness"
import { emptyPlainReport, ndjsonLine, plainReport, resultTable, runBanner } from "@assay/tui/text"
import { Effect } from "effect"
import { Screen } from "../Screen.ts"
import { Signals } from "../Signals.ts"

export interface ReportOptions {
  /** NDJSON on standard output, and all words for people on standard error. */
  readonly json: boolean
  /** The database as the user would write it. */
  readonly database: string
  readonly keyMissing: boolean
  /** The most one call may cost, in pico-credits. */
  readonly largestBound: bigint
}

/** A run's reader: takes its events, and knows its table at the end. */
export interface Report {
  readonly emit: (event: RunEvent) => Effect.Effect<void>
  readonly close: Effect.Effect<void>
  readonly table: () => ReadonlyArray<string>
}

/** Prints the banner and chooses how the run is shown: NDJSON, the live footer, or plain lines. */
export const openReport = Effect.fn("openReport")(function* (run: RunRecord, options: ReportOptions) {
  const screen = yield* Screen
  const { columns, style } = screen
  const say = options.json ? screen.err : screen.out
  const { database, keyMissing, largestBound } = options
  for (const line of runBanner(run, { columns, style, database, keyMissing, largestBound })) yield* say(line)
  const show = options.json ? showNdjson(screen) : screen.live ? yield* showFooter(screen) : showPlain(screen, options)
  let snapshot: RunSnapshot | undefined
  return {
    emit: (event) => {
      snapshot = foldRunEvent(snapshot, event)
      return show.emit(event)
    },
    close: show.close,
    table: () => (snapshot === undefined ? [] : ["", ...resultTable(snapshot, { columns, style })])
  } satisfies Report
})

type Shown = Pick<Report, "emit" | "close">
type ScreenService = Screen["Service"]

const showNdjson = (screen: ScreenService): Shown => ({
  emit: (event) => screen.out(ndjsonLine(event)),
  close: Effect.void
})

const showPlain = (screen: ScreenService, { database }: ReportOptions): Shown => {
  let report = emptyPlainReport
  return {
    emit: (event) =>
      Effect.suspend(() => {
        const next = plainReport(report, event, { glyphs: screen.style.glyphs, database })
        report = next.report
        // The banner has just said the one, and the table is about to say the other.
        if ((event._tag === "RunStarted" && report.snapshot?.done === 0) || event._tag === "RunEnded")
          return Effect.void
        return Effect.forEach(next.lines, screen.out, { discard: true })
      }),
    close: Effect.void
  }
}

/** The footer comes with Ink, a chunk of its own that only a terminal has to load. */
const showFooter = Effect.fnUntraced(function* (screen: ScreenService) {
  const signals = yield* Signals
  const { startRunFooter } = yield* Effect.promise(() => import("@assay/tui"))
  const footer = startRunFooter({
    stdout: screen.stdout,
    stdin: screen.stdin,
    style: screen.style,
    onInterrupt: signals.interrupt
  })
  return {
    emit: (event) => Effect.sync(() => footer.update(event)),
    close: Effect.promise(() => footer.finish())
  } satisfies Shown
})
