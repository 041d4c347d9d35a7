// Structured prompts as values, and what is wrong with prompts. A door of its own: who only calls a model does not load it.
export type { Delimiter, Enclosure } from "./prompt/Delimiter.ts"
export type { Span } from "./prompt/delimiterSpans.ts"
export { enclosuresAt } from "./prompt/enclosuresAt.ts"
export { escapeForDelimiter, unescapeForDelimiter } from "./prompt/escapeForDelimiter.ts"
export type { LintOptions, LintRule, PassResult, Severity } from "./prompt/lint/LintRule.ts"
export { type Finding, lintPrompt } from "./prompt/lint/lintPrompt.ts"
export { lintRules } from "./prompt/lint/lintRules.ts"
export type { PromptMessage } from "./prompt/lint/readPrompt.ts"
export { type OutputContract, outputContractText } from "./prompt/OutputContract.ts"
export { type PromptSection, readSections, renderSection } from "./prompt/PromptSection.ts"
export { promptHash } from "./prompt/promptHash.ts"
export { readNumberedAnswers } from "./prompt/readNumberedAnswers.ts"
export { renderStructuredPrompt, sectionNames } from "./prompt/renderStructuredPrompt.ts"
export {
  type PromptExample,
  type StructuredPrompt,
  type StructuredPromptOptions,
  structuredPrompt
} from "./prompt/StructuredPrompt.ts"
