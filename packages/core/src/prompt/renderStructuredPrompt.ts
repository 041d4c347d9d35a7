import type { Message } from "../CompletionRequest.ts"
import { escapeForDelimiter } from "./escapeForDelimiter.ts"
import { type PromptSection, renderSection } from "./PromptSection.ts"
import { reservedNames } from "./reservedNames.ts"
import type { StructuredPrompt } from "./StructuredPrompt.ts"

/**
 * The messages of a prompt. Pure: the same value gives the same bytes.
 *
 * What the author wrote is the system message, which reasoning models read as the developer's, and the data alone is the
 * user's message: so no data stands on the same level as an instruction. Each example is a turn of user and assistant
 * before it. A prompt without sections asks in the user's message, after a system message with role and context.
 */
export const renderStructuredPrompt = (prompt: StructuredPrompt): ReadonlyArray<Message> => {
  const { examples, sections } = prompt
  if (sections.length === 0) {
    const background = backgroundParts(prompt)
    const user: Message = { role: "user", content: taskParts(prompt).join("\n\n") }
    return background.length === 0 ? [user] : [{ role: "system", content: background.join("\n\n") }, user]
  }
  const names = sectionNames(prompt)
  return [
    { role: "system", content: [...backgroundParts(prompt), ...taskParts(prompt)].join("\n\n") },
    ...examples.flatMap(
      (example): ReadonlyArray<Message> => [
        { role: "user", content: dataOf(example.sections, names) },
        { role: "assistant", content: example.output }
      ]
    ),
    { role: "user", content: dataOf(sections, names) }
  ]
}

/** The tags that no data of this prompt can forge; `readSections` needs them to give the data back. */
export const sectionNames = ({ sections }: StructuredPrompt): ReadonlyArray<string> => [
  ...sections.filter(({ delimiter }) => delimiter === "xml").map(({ name }) => name),
  ...reservedNames
]

const dataOf = (sections: ReadonlyArray<PromptSection>, names: ReadonlyArray<string>) =>
  sections.map((section) => renderSection(section, names)).join("\n\n")

const backgroundParts = ({ role, context }: StructuredPrompt): ReadonlyArray<string> => [
  ...(role === undefined ? [] : [own(role)]),
  ...(context === undefined ? [] : [part("context", context)])
]

const taskParts = (prompt: StructuredPrompt): ReadonlyArray<string> => {
  const { constraints, expectedBehaviour, instructions, language, output, questions } = prompt
  const code = [
    ...(language === undefined ? [] : [`Language: ${language}`]),
    ...(expectedBehaviour.length === 0 ? [] : [`Expected behaviour:\n${bullets(expectedBehaviour)}`])
  ]
  const contract = [...(questions.length === 0 ? [] : [numberingRule]), ...(output === undefined ? [] : [output])]
  return [
    part("instructions", instructions.length === 1 ? instructions.join("") : numbered(instructions)),
    ...(constraints.length === 0 ? [] : [part("constraints", bullets(constraints))]),
    ...(code.length === 0 ? [] : [part("code", code.join("\n"))]),
    ...(questions.length === 0 ? [] : [part("questions", numbered(questions))]),
    ...(contract.length === 0 ? [] : [part("output_contract", contract.join("\n\n"))])
  ]
}

const numberingRule =
  'Answer every question under its own number and in its order. Begin each answer on a new line with that number, as "1.", and write nothing before the first.'

const part = (name: string, text: string) => `<${name}>\n${own(text)}\n</${name}>`

/** The author may speak of a section by its tag, but cannot end a part by accident. */
const own = (text: string) => escapeForDelimiter(text.trim(), { delimiter: "xml", names: reservedNames })

const numbered = (lines: ReadonlyArray<string>) => lines.map((line, index) => `${index + 1}. ${line}`).join("\n")

const bullets = (lines: ReadonlyArray<string>) => lines.map((line) => `- ${line}`).join("\n")
