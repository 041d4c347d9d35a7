import type { LintRule } from "../LintRule.ts"
import { type LintedMessage, lineStartAt } from "../readPrompt.ts"

/**
 * Of several questions in one text some are easily left out, and nothing tells which part of an output answers which.
 * Numbered sub-questions are answered under their numbers and can be scored one by one.
 *
 * Only sentences that end in a question mark are counted, by message, outside data, quotes and numbered lines.
 */
export const unnumberedQuestions: LintRule = {
  id: "unnumbered-questions",
  severity: "warning",
  source:
    "Assay, structured prompts: sub-questions are scored one by one; and OpenAI's advice to be specific about the goal",
  check: ({ messages }) =>
    messages
      .filter(({ role }) => role !== "assistant")
      .flatMap((message) => {
        const questions = Array.from(
          message.instructions.matchAll(/[\p{L}\p{N})\]}'’"”*_][ \t]*\?+(?=[\s"'”’)\]*_]|$)/gu)
        ).filter(({ index }) => !isNumbered(message, index))
        const second = questions[1]
        if (second === undefined) return []
        return [
          {
            message,
            offset: second.index,
            says: `${questions.length} questions are asked in one text, without numbers`,
            fix: "number them, ask for answers under the same numbers, and read them with readNumberedAnswers"
          }
        ]
      })
}

const isNumbered = (message: LintedMessage, index: number): boolean => {
  const start = lineStartAt(message, index)
  const beginning = message.instructions.slice(start, start + 40)
  return /^[ \t]*(?:[-*+][ \t]+)?(?:\*\*)?(?:\(?(?:\d{1,3}|[a-z])[.):]|(?:q|question)[ \t]*\d{1,3}\b)/i.test(beginning)
}
