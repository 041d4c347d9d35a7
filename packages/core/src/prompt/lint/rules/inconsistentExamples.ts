import type { LintRule } from "../LintRule.ts"
import { reasoningGuide } from "../sources.ts"

/**
 * Examples teach their form more strongly than any sentence, so examples that differ in form, or from the form that the
 * instructions ask for, teach that the form does not matter. The guide advises to align examples closely with instructions.
 *
 * Compared are the assistant's messages, when there are at least two or the instructions want JSON.
 */
export const inconsistentExamples: LintRule = {
  id: "inconsistent-examples",
  severity: "warning",
  source: reasoningGuide,
  check: ({ messages }) => {
    const [first, ...others] = messages.filter(({ role }) => role === "assistant")
    if (first === undefined) return []
    const form = formOf(first.content)
    const fix = "give every example the form that the output contract asks for"
    const other = others.find(({ content }) => formOf(content) !== form)
    if (other !== undefined) {
      return [
        { message: other, offset: 0, says: `this example is ${formOf(other.content)} and the first is ${form}`, fix }
      ]
    }
    const wantsJson = messages.some(({ role, instructions }) => role !== "assistant" && asksForJson.test(instructions))
    if (!wantsJson || form.startsWith("JSON")) return []
    return [{ message: first, offset: 0, says: `the instructions ask for JSON and this example is ${form}`, fix }]
  }
}

const asksForJson = /\b(?:reply|respond|answer|return|output)\b[^.!?\n]{0,60}\bjson\b/i

/** The form of an output, in words. */
const formOf = (output: string): string => {
  const text = output.trim()
  const json = readJson(text)
  if (json !== undefined) return json
  if (/^`{3}/.test(text)) return /`{3}$/.test(text) ? "a fenced block" : "a fenced block with text after it"
  if (/^[-+]?[\d.,]+ ?%?$/.test(text)) return "a number"
  if (/^<([A-Za-z][\w-]*)[\s>].*<\/\1>$/s.test(text)) return "XML"
  const lastLine = text.slice(text.lastIndexOf("\n") + 1)
  const [, label] = /^([A-Za-z][\w ]{0,20}):\s/.exec(lastLine) ?? []
  return label === undefined ? "prose" : `text that ends with a line "${label}: …"`
}

const readJson = (text: string): string | undefined => {
  if (!/^[[{]/.test(text)) return undefined
  try {
    const value: unknown = JSON.parse(text)
    if (Array.isArray(value)) return "JSON in an array"
    return `JSON with the keys ${Object.keys(Object(value)).toSorted().join(", ")}`
  } catch {
    return undefined
  }
}
