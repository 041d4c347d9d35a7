import { formatCredits } from "@assay/core"
import type { RunRecord, StoredTrial } from "@assay/harness"
import { durationText, type Style, sanitize, sanitizeLine, simulatedSentence } from "@assay/tui/text"

/** All that explains the trials of one sample: what was asked, what came, what was right, and each scorer's reason. */
export const sampleLines = (
  run: RunRecord,
  trials: ReadonlyArray<StoredTrial>,
  style: Style
): ReadonlyArray<string> => {
  const first = trials[0]
  if (first === undefined) return []
  const { sample } = first
  return [
    style.paint("strong", `${sample.suite}/${sample.id}`) + style.paint("dim", `  run ${run.id}`),
    ...(run.simulated ? [style.paint("unscored", simulatedSentence)] : []),
    "",
    style.paint("dim", "target"),
    ...block(typeof sample.target === "string" ? sample.target : JSON.stringify(sample.target, null, 2)),
    ...trials.flatMap((stored) => trialLines(stored, style))
  ]
}

const trialLines = ({ trial, prompt }: StoredTrial, style: Style): ReadonlyArray<string> => {
  const { glyphs, paint } = style
  const glyph = glyphs[trial.outcome]
  const facts = [
    trial.responseModel,
    trial.completionTokens === undefined ? undefined : `${trial.promptTokens} + ${trial.completionTokens} tokens`,
    trial.latencyMillis === undefined ? undefined : durationText(trial.latencyMillis),
    `${formatCredits(trial.cost)} credits`,
    trial.attempts === 1 ? undefined : `${trial.attempts} attempts`
  ].filter((fact) => fact !== undefined)
  return [
    "",
    `${paint(trial.outcome, `${glyph} ${trial.outcome}`)}  ${paint("strong", trial.variant)}  ${paint("dim", facts.join("  "))}`,
    ...(trial.reason === undefined ? [] : [`  ${sanitizeLine(trial.reason)}`]),
    ...trial.scores.map(({ scorer, value, explanation, passed }) => {
      const shown = value === undefined ? glyphs.absent : value.toFixed(2)
      return `  ${paint(passed ? "passed" : "failed", `${passed ? glyphs.passed : glyphs.failed} ${scorer} ${shown}`)}  ${sanitizeLine(explanation)}`
    }),
    ...prompt.messages.flatMap(({ role, content }) => [paint("dim", `  ${role}`), ...block(content)]),
    paint("dim", "  output"),
    ...block(trial.output ?? "(none)")
  ]
}

/** Text of a prompt or a model, each line set in, so that it cannot be taken for ours. */
const block = (text: string): ReadonlyArray<string> =>
  sanitize(text)
    .split("\n")
    .map((line) => `    ${line}`)
