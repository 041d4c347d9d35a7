import type { TrialEnded } from "@assay/harness"
import { expect, it } from "vitest"
import { displayWidth, plainStyle, trialLine } from "../src/text.ts"
import { refunds, runEvents, runRecord } from "./fixtures.ts"

const failures = runEvents({ trials: 200 }).filter(
  (event): event is TrialEnded => event._tag === "TrialEnded" && event.outcome !== "passed"
)
const run = runRecord(refunds)

it.each([60, 80, 120])("stands in columns with its neighbours in %i columns", (columns) => {
  const lines = failures.slice(0, 8).map((trial) => trialLine(trial, { columns, style: plainStyle, run }))
  expect(`\n${lines.join("\n")}\n`).toMatchSnapshot()
})

it("never grows wider than the terminal", () => {
  for (let columns = 20; columns <= 130; columns += 1) {
    for (const trial of failures) {
      expect(displayWidth(trialLine(trial, { columns, style: plainStyle, run }))).toBeLessThanOrEqual(columns)
    }
  }
})

it("leaves the variant out where each suite has but one", () => {
  const failure = failures.find((trial) => trial.variant === "refund-v7")
  if (failure === undefined) throw new Error("The fixture has no failure of refund-v7.")
  const line = (variants: typeof refunds) =>
    trialLine(failure, { columns: 80, style: plainStyle, run: runRecord(variants) })
  expect(line(refunds)).toContain("refund-v7")
  expect(line(refunds.slice(1))).not.toContain("refund-v7")
})
