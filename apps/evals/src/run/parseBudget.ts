import { parseCredits } from "@assay/core"
import { Effect } from "effect"
import { ExitCode } from "../ExitCode.ts"
import { failure } from "../Failure.ts"

/** Credits above 0, as typed. */
export const parseBudget = (text: string) => {
  const amount = parseCredits(text, "down")
  if (amount !== undefined && amount > 0n) return Effect.succeed(amount)
  return failure({
    code: "E0105",
    what: `"${text}" is not a budget`,
    why: "a budget is an amount of credits above 0, at most 1e9",
    kept: "nothing was sent or charged",
    fix: "--budget 0.50",
    exit: ExitCode.usage
  })
}
