import { findModel } from "../../../ModelCatalogue.ts"
import type { LintRule } from "../LintRule.ts"
import { reasoningGuide } from "../sources.ts"

/**
 * A reasoning model thinks before it answers and its thinking is paid for as output. The guide advises against telling it
 * to think step by step or to explain its reasoning: it is of no use and sometimes does harm.
 *
 * Steps of the author's own ("follow the procedure step by step", "calculate one step at a time") are not meant, nor words
 * that forbid it, quote it or stand in data. Silent where no model that the prompt is for is known to reason.
 */
export const thinkStepByStep: LintRule = {
  id: "think-step-by-step",
  severity: "warning",
  source: reasoningGuide,
  check: ({ messages }, { models }) => {
    const isForReasoning = models === undefined || models.some((slug) => findModel(slug)?.reasoningEffort !== false)
    if (!isForReasoning) return []
    return messages
      .filter(({ role }) => role !== "assistant")
      .flatMap((message) =>
        Array.from(message.instructions.matchAll(exhortation))
          .filter(({ index }) => !negated.test(message.instructions.slice(Math.max(0, index - 40), index)))
          .map((match) => ({
            message,
            offset: match.index,
            says: `"${match[0].replace(/\s+/g, " ")}" asks for thinking that a reasoning model does anyway`,
            fix: "leave it out; set the reasoning effort, and say what the output must hold"
          }))
      )
  }
}

const stepByStep = "step[- ]by[- ]step"
const exhortation = new RegExp(
  [
    `\\b(?:think|reason|solve|explain|proceed)\\b[^.!?\\n]{0,40}?\\b${stepByStep}\\b`,
    `\\bwork(?: (?:it|this|that|through (?:it|this|that)))?(?: out)?,? ${stepByStep}\\b`,
    `\\b${stepByStep},? (?:reasoning|thinking|thoughts?)\\b`,
    `(?<=^[ \\t]*|[.!?:][ \\t]+)${stepByStep}(?=[.!:]?[ \\t]*$)`,
    "\\blet(?:['’]?s| us) (?:think|reason|work (?:this|it) (?:out|through)|take (?:this|it) (?:one )?step)\\b",
    "\\bthink (?:very )?(?:carefully|hard|harder|deeply|thoroughly|aloud|out loud|it through|this through|through (?:this|it))\\b",
    "\\btake (?:a deep breath|your time)\\b",
    "\\b(?:explain|show|describe|share|lay out|write (?:out|down)|walk me through) (?:all )?(?:of )?your (?:full |own )?(?:reasoning|thinking|thought process|thoughts|chain of thought|work|working)\\b",
    "\\b(?:use|using|with|write|produce|give) (?:a |an |your )?(?:\\w+ )?chain[- ]of[- ]thought\\b"
  ].join("|"),
  "gim"
)

const negated = /\b(?:not|never|without|avoid|cannot|no need to|instead of|rather than|\w+n['’]t)\b[^.!?\n]*$/i
