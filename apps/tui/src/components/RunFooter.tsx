import type { RunSnapshot } from "@assay/harness"
import { Text } from "ink"
import { footerLines } from "../text/footerLines.ts"
import type { Style } from "../text/style.ts"

export interface RunFooterProps {
  readonly snapshot: RunSnapshot
  readonly columns: number
  readonly rows: number
  readonly style: Style
  /** UTC milliseconds. */
  readonly now: number
}

/** Three lines below the scrollback, made to measure: how far, how good, how dear; one line on a small terminal. */
export const RunFooter = ({ snapshot, ...options }: RunFooterProps) => (
  <Text>{footerLines(snapshot, options).join("\n")}</Text>
)
