import type { PromptSection } from "./PromptSection.ts"
import { reservedNames } from "./reservedNames.ts"
import type { StructuredPromptOptions } from "./StructuredPrompt.ts"

/** Why these parts make no prompt, as the rest of a sentence; undefined when they do. */
export const structuredPromptFault = (options: StructuredPromptOptions): string | undefined => {
  const instructions = typeof options.instructions === "string" ? [options.instructions] : options.instructions
  if (instructions.length === 0 || instructions.some(isBlank)) return "an instruction is empty or missing"
  const sections = options.sections ?? []
  const fault = sectionsFault(sections)
  if (fault !== undefined) return fault
  if (options.questions !== undefined && typeof options.output === "object") {
    return "answers to numbered questions are no JSON; give each question a field of the schema instead"
  }
  const shape = shapeOf(sections)
  const unlike = (options.examples ?? []).find((example) => shapeOf(example.sections) !== shape)
  if (unlike !== undefined)
    return `an example has other sections (${shapeOf(unlike.sections)}) than the prompt (${shape})`
  if ((options.examples ?? []).length > 0 && sections.length === 0) return "examples need sections to be examples of"
  return undefined
}

const sectionsFault = (sections: ReadonlyArray<PromptSection>): string | undefined => {
  const names = sections.map(({ name }) => name.toLowerCase())
  for (const [index, { name, delimiter }] of sections.entries()) {
    const allowed = delimiter === "xml" ? /^[A-Za-z][\w-]*$/ : /^[A-Za-z][\w -]*$/
    if (!allowed.test(name)) return `"${name}" cannot name a section`
    if (reservedNames.includes(name.toLowerCase())) return `the name "${name}" is kept for the prompt's own parts`
    if (names.indexOf(name.toLowerCase()) < index) return `two sections are called "${name}"`
  }
  return undefined
}

const shapeOf = (sections: ReadonlyArray<PromptSection>) =>
  sections.map(({ name, delimiter }) => `${name} as ${delimiter}`).join(", ")

const isBlank = (text: string) => text.trim() === ""
