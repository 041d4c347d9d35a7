import type { LintRule } from "../LintRule.ts"
import { reasoningGuide } from "../sources.ts"

/**
 * An output whose form was never agreed on cannot be read by a scorer or a program. The guide advises to be very specific
 * about the end goal and the form of the answer.
 *
 * A tag or heading that speaks of the output, a sentence that says its form, or an example's reply is a contract. That it
 * is precise enough is not checked.
 */
export const missingOutputContract: LintRule = {
  id: "missing-output-contract",
  severity: "warning",
  source: reasoningGuide,
  check: ({ messages }) => {
    const own = messages.filter(({ role }) => role !== "assistant")
    const last = own.at(-1)
    const hasExample = messages.some(({ role }, index) => role === "assistant" && index < messages.length - 1)
    if (
      last === undefined ||
      hasExample ||
      own.some(({ content, instructions, delimited }) => {
        const namesIt = delimited.some(({ kind, name }) => kind === "tag" && outputName.test(name))
        return namesIt || heading.test(content) || says.some((pattern) => pattern.test(instructions))
      })
    )
      return []
    return [
      {
        message: last,
        offset: last.content.length,
        says: "nothing says what form the output must have",
        fix: "end with a contract, as: Reply with exactly one JSON object … and nothing else"
      }
    ]
  }
}

const outputName = /output|format|contract|response|answer|schema/i
const heading = /^[ \t]*#{1,6}[ \t]+[^\n]*\b(?:output|format|response|answer format|schema|reply)\b/im

const verb =
  "(?:reply|respond|answer|return|output|end|finish|conclude|print|state|give|write|produce|provide|format|put|list)"
const form =
  "(?:json|yaml|csv|xml|markdown|html|latex|\\\\boxed|code block|fenced|bullet|table|list of|numbered list|(?:one|a single|a) (?:word|number|letter|line|sentence|paragraph|integer|object|array)|(?:\\d+|two|three|four|five|ten) (?:words?|lines?|sentences?|bullets?|paragraphs?|items?)|yes or no|true or false|one of|nothing else|as follows|(?:this|the following|exactly this) (?:form|format|shape|structure|template|schema)|(?:number|letter|code|function|name|word|answer|result|output|text|value|sql|query|summary|translation) (?:only|alone)|only (?:the|a|an|one|with)\\b|just (?:the|a|an|one)\\b|exactly (?:one|two|three|\\d+)|answer:)"
const says = [
  new RegExp(`\\b${verb}\\b[^.!?\\n]{0,120}?${form}`, "i"),
  new RegExp(`${form}[^.!?\\n]{0,40}\\b(?:output|reply|response|format)\\b`, "i"),
  /\b(?:no (?:explanation|commentary|preamble|other text|additional text)|without (?:any )?(?:explanation|commentary|preamble))\b/i,
  /\b(?:at most|no more than|under|up to|in|within) (?:\d+|one|two|three|four|five|ten) (?:short )?(?:words?|lines?|sentences?|paragraphs?|bullets?|characters?)\b/i,
  /\byour (?:final )?(?:answer|reply|response|output) (?:must|should|has to|is)\b/i
]
