import type { RunResult } from "../RunOptions.ts"
import type { RunStatus, VariantTotals } from "../RunRecord.ts"
import type { StopCause } from "../StopCause.ts"

/** What a run has come to. A signal that came when nothing was left to do has stopped nothing. */
export const conclude = (
  rows: ReadonlyArray<VariantTotals>,
  options: { readonly cause: StopCause | undefined; readonly maxErrors: number }
): RunResult => {
  const sum = (read: (row: VariantTotals) => number) => rows.reduce((total, row) => total + read(row), 0)
  const unscored = sum((row) => row.unscored)
  const missing = sum((row) => row.planned - row.passed - row.failed - row.unscored)
  const cause = options.cause?._tag === "Signal" && missing === 0 ? undefined : options.cause
  if (cause !== undefined) return { status: stoppedBy(cause), reason: cause.message, cause }
  if (unscored <= options.maxErrors) return { status: "completed", reason: undefined, cause }
  return { status: "incomplete", reason: `${unscored} ${unscored === 1 ? "trial has" : "trials have"} no score`, cause }
}

const stoppedBy = ({ _tag }: StopCause): RunStatus => {
  switch (_tag) {
    case "BudgetExceeded":
    case "OutOfCredits":
      return "out-of-budget"
    case "Signal":
      return "interrupted"
    default:
      return "incomplete"
  }
}
