import type { LintRule } from "../LintRule.ts"
import { reasoningGuide } from "../sources.ts"

const defaultLongest = 24_000

/**
 * The guide advises to limit what is given as context to what is relevant: all of it is paid for at every call. Counts
 * characters of all messages; of a template without its data.
 */
export const tooLong: LintRule = {
  id: "too-long",
  severity: "warning",
  source: reasoningGuide,
  check: ({ messages }, { longestCharacters = defaultLongest }) => {
    const length = messages.reduce((sum, { content }) => sum + content.length, 0)
    const [longest] = messages.toSorted((a, b) => b.content.length - a.content.length)
    if (longest === undefined || length <= longestCharacters) return []
    return [
      {
        message: longest,
        offset: 0,
        says: `the prompt has ${length} characters, more than ${longestCharacters}`,
        fix: "keep what the answer needs, or raise the limit on purpose"
      }
    ]
  }
}
