import { type OutputContract, outputContractText } from "./OutputContract.ts"
import type { PromptSection } from "./PromptSection.ts"
import { structuredPromptFault } from "./structuredPromptFault.ts"

/** One few-shot turn: the data of an example, in sections like the prompt's own, and the output it should get. */
export interface PromptExample {
  readonly sections: ReadonlyArray<PromptSection>
  readonly output: string
}

/** A prompt by its parts. All but `sections` and the examples' sections is the author's own text, never a user's. */
export interface StructuredPromptOptions {
  /** Who the model is, in a sentence or two. */
  readonly role?: string
  /** What the model should know before it begins. */
  readonly context?: string
  /** The goal. Several are numbered. */
  readonly instructions: string | ReadonlyArray<string>
  /** The data. */
  readonly sections?: ReadonlyArray<PromptSection>
  readonly constraints?: ReadonlyArray<string>
  /** The programming language, with its version where that matters. */
  readonly language?: string
  /** What the code must do, in sentences that could be tests. */
  readonly expectedBehaviour?: ReadonlyArray<string>
  /** Sub-questions, whose answers `readNumberedAnswers` finds again and which can be scored one by one. */
  readonly questions?: ReadonlyArray<string>
  readonly examples?: ReadonlyArray<PromptExample>
  /** The form of the output: a sentence or more, or the schema of a JSON value. */
  readonly output?: OutputContract
}

/** A structured prompt as plain data: it can be compared, stored, hashed and rendered. Made by `structuredPrompt`. */
export interface StructuredPrompt {
  readonly role: string | undefined
  readonly context: string | undefined
  readonly instructions: ReadonlyArray<string>
  readonly sections: ReadonlyArray<PromptSection>
  readonly constraints: ReadonlyArray<string>
  readonly language: string | undefined
  readonly expectedBehaviour: ReadonlyArray<string>
  readonly questions: ReadonlyArray<string>
  readonly examples: ReadonlyArray<PromptExample>
  readonly output: string | undefined
}

/**
 * Makes a prompt from its parts. A prompt that could not say what it means is a fault of its author, so it is thrown: no
 * instruction, a section's name that is no name, is reserved or is there twice, an example unlike the prompt, numbered
 * questions with a schema.
 */
export const structuredPrompt = (options: StructuredPromptOptions): StructuredPrompt => {
  const fault = structuredPromptFault(options)
  if (fault !== undefined) throw new Error(`This is no structured prompt: ${fault}.`)
  const { instructions } = options
  return {
    role: options.role,
    context: options.context,
    instructions: typeof instructions === "string" ? [instructions] : instructions,
    sections: options.sections ?? [],
    constraints: options.constraints ?? [],
    language: options.language,
    expectedBehaviour: options.expectedBehaviour ?? [],
    questions: options.questions ?? [],
    examples: options.examples ?? [],
    output: options.output === undefined ? undefined : outputContractText(options.output)
  }
}
