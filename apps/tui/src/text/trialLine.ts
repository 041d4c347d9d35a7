import type { RunRecord, TrialEnded, TrialKey } from "@assay/harness"
import { clip, clipMiddle, displayWidth, padEnd } from "./displayWidth.ts"
import { fitLine, segment } from "./fitLine.ts"
import type { Glyphs } from "./glyphs.ts"
import { label } from "./label.ts"
import { creditsText, durationText } from "./numbers.ts"
import type { Style } from "./style.ts"

/** `support-refunds/0417`, with `#2` behind it for the third trial of the sample: enough to find it again. */
export const trialName = ({ suite, sampleId, trialIndex }: TrialKey, glyphs: Glyphs): string =>
  `${label(suite, glyphs)}/${label(sampleId, glyphs)}${trialIndex === 0 ? "" : `#${trialIndex}`}`

export interface TrialLineOptions {
  readonly columns: number
  readonly style: Style
  /** Decides the places of the columns, so that lines printed one by one stand in one table. */
  readonly run: RunRecord
}

/**
 * A trial as one line: outcome, sample, variant, reason; from 100 columns also its time and cost.
 *
 * The reason gives way first. Long names lose their middle, as variants often differ only at the end.
 */
export const trialLine = (trial: TrialEnded, { columns, style, run }: TrialLineOptions): string => {
  const { glyphs } = style
  // Where each suite has one variant, its name says nothing that the suite's does not.
  const isMatrix = run.variants.length > run.suites.length
  const facts =
    columns < 100 ? "" : `${latencyOf(trial, glyphs).padStart(6)}  ${creditsText(trial.cost).padStart(8)} cr`
  const room = columns - outcomeWidth - 6 - (facts === "" ? 0 : facts.length + 2)
  const names = run.suites.map((suite) => `${label(suite.name, glyphs)}/0000`)
  const name = place(trialName(trial, glyphs), names, Math.floor(room * 0.36), style)
  const variants = run.variants.map((variant) => label(variant.name, glyphs))
  const variant = isMatrix ? place(label(trial.variant, glyphs), variants, Math.floor(room * 0.22), style) : ""
  const reasonWidth = Math.max(0, room - displayWidth(name) - displayWidth(variant))
  const reason = clip(label(trial.reason ?? "", glyphs), reasonWidth, glyphs.ellipsis)
  return fitLine(
    [
      segment(0, padEnd(`${glyphs[trial.outcome]} ${trial.outcome}`, outcomeWidth), trial.outcome),
      segment(0, name),
      segment(0, variant, "dim"),
      segment(0, facts === "" ? reason : padEnd(reason, reasonWidth)),
      segment(1, facts, "dim")
    ],
    { columns, style }
  )
}

const outcomeWidth = "! unscored".length

const place = (text: string, others: ReadonlyArray<string>, most: number, { glyphs }: Style): string =>
  padEnd(clipMiddle(text, most, glyphs.ellipsis), Math.min(most, Math.max(...others.map(displayWidth))))

const latencyOf = ({ latencyMillis }: TrialEnded, glyphs: Glyphs): string =>
  latencyMillis === undefined ? glyphs.absent : durationText(latencyMillis)
