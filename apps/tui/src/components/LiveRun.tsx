import type { RunSnapshot } from "@assay/harness"
import { useApp, useInput, useWindowSize } from "ink"
import type { Style } from "../text/style.ts"
import { RunFooter } from "./RunFooter.tsx"
import { Scrollback, type ScrollbackLine } from "./Scrollback.tsx"

export interface LiveRunProps {
  /** Undefined: no footer, only what is left to print above it. */
  readonly snapshot: RunSnapshot | undefined
  readonly lines: ReadonlyArray<ScrollbackLine>
  readonly style: Style
  /** UTC milliseconds. */
  readonly now: number
  /** Once for each Ctrl-C. */
  readonly onInterrupt: () => void
  /** On Ctrl-Z, while the terminal is its own again. */
  readonly onSuspend: (() => Promise<void>) | undefined
}

/** A run in the terminal it was started in: what failed goes to the scrollback, the footer stays below. */
export const LiveRun = ({ snapshot, lines, style, now, onInterrupt, onSuspend }: LiveRunProps) => {
  const { columns, rows } = useWindowSize()
  const { suspendTerminal } = useApp()
  useInput((input, key) => {
    if (isControl("c", input, key.ctrl)) {
      for (let times = Math.max(1, input.split(controlC).length - 1); times > 0; times -= 1) onInterrupt()
    } else if (onSuspend !== undefined && isControl("z", input, key.ctrl)) {
      // The run goes on whether or not the terminal could be given away, so a failure has nobody to act on it.
      suspendTerminal(onSuspend).catch(() => {})
    }
  })
  return (
    <>
      <Scrollback lines={lines} />
      {snapshot === undefined ? undefined : (
        <RunFooter snapshot={snapshot} columns={columns} rows={rows} style={style} now={now} />
      )}
    </>
  )
}

const controlC = "\u0003"
const controlZ = "\u001a"

/** Keys that were struck fast come as one text, in which Ink knows no control key. */
const isControl = (letter: "c" | "z", input: string, isHeld: boolean): boolean =>
  (isHeld && input === letter) || input.includes(letter === "c" ? controlC : controlZ)
