import { foldRunEvent, type RunEvent, type RunRecord, type RunSnapshot } from "@assay/harness"
import type { ScrollbackLine } from "./components/Scrollback.tsx"
import { type FooterClock, systemClock } from "./FooterClock.ts"
import { clip } from "./text/displayWidth.ts"
import { label } from "./text/label.ts"
import type { Style } from "./text/style.ts"
import { trialLine } from "./text/trialLine.ts"
import { makeThrottle } from "./throttle.ts"

export interface RunFooterOptions {
  readonly stdout: NodeJS.WriteStream
  readonly stdin: NodeJS.ReadStream
  readonly style: Style
  /** Called for each Ctrl-C; the terminal is raw, so no signal comes. The footer goes on until `finish`. */
  readonly onInterrupt: () => void
  /** Called on Ctrl-Z with the terminal given back; the footer returns when it resolves. Without it Ctrl-Z does nothing. */
  readonly onSuspend?: () => Promise<void>
  readonly clock?: FooterClock
}

export interface RunFooterHandle {
  /** Takes the run's next event. Returns at once: frames are drawn at most 20 times a second. */
  readonly update: (event: RunEvent) => void
  /** Prints what is still owed to the scrollback, removes the footer and gives the terminal back. Fails when Ink could not start. */
  readonly finish: () => Promise<void>
}

/**
 * Shows a run below the scrollback of the terminal it was started in. Each failure and notice is printed above it once.
 *
 * Throws unless both streams are terminals: pipes and CI want `plainReport`. Ink is loaded only here; events that come
 * before it is there are kept. No variable of the environment counts: colour is the style's, and interaction is asked for.
 */
export const startRunFooter = (options: RunFooterOptions): RunFooterHandle => {
  const { stdout, stdin, style, onInterrupt, onSuspend, clock = systemClock } = options
  if (!stdout.isTTY || !stdin.isTTY)
    throw new Error("The footer of a run needs a terminal for its input and its output.")
  let snapshot: RunSnapshot | undefined
  let lines: ReadonlyArray<ScrollbackLine> = []
  let owed: Array<ScrollbackLine> = []
  const takeLines = () => {
    if (owed.length > 0) lines = [...lines, ...owed]
    owed = []
    return lines
  }
  let draw = () => {}
  const throttle = makeThrottle(clock, () => draw())
  const mounted = Promise.all([import("ink"), import("./components/LiveRun.tsx")]).then(([ink, { LiveRun }]) => {
    const frame = (shown: RunSnapshot | undefined) => (
      <LiveRun
        snapshot={shown}
        lines={takeLines()}
        style={style}
        now={clock.now()}
        onInterrupt={onInterrupt}
        onSuspend={onSuspend}
      />
    )
    const instance = ink.render(frame(snapshot), {
      stdout,
      stdin,
      // Ink would take itself for a log wherever the variable CI is set, even to "false".
      interactive: true,
      exitOnCtrlC: false,
      incrementalRendering: true,
      maxFps: 60
    })
    draw = () => instance.rerender(frame(snapshot))
    return { instance, frame }
  })
  // `finish` reports the failure; until then it must not end the process.
  mounted.catch(() => {})
  return {
    update: (event) => {
      snapshot = foldRunEvent(snapshot, event)
      const text = scrollbackText(event, snapshot?.run, { columns: stdout.columns - 1, style })
      if (text !== undefined) owed.push({ seq: event.seq, text })
      throttle.request()
    },
    finish: async () => {
      throttle.stop()
      const { instance, frame } = await mounted
      instance.rerender(frame(undefined))
      await instance.waitUntilRenderFlush()
      // The empty frame still holds a line.
      instance.clear()
      instance.unmount()
      await instance.waitUntilExit()
    }
  }
}

const scrollbackText = (
  event: RunEvent,
  run: RunRecord | undefined,
  fit: { readonly columns: number; readonly style: Style }
): string | undefined => {
  if (run === undefined) return undefined
  if (event._tag === "TrialEnded" && event.outcome !== "passed") return trialLine(event, { ...fit, run })
  if (event._tag !== "RunNoticed") return undefined
  const { glyphs, paint } = fit.style
  return paint("dim", clip(`${glyphs.notice} note      ${label(event.notice, glyphs)}`, fit.columns, glyphs.ellipsis))
}
