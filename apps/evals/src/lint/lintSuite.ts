import { type Finding, lintPrompt, lintRules, type PassResult } from "@assay/core/prompt"
import type { LoadedSuite } from "@assay/harness"
import type { PromptFile } from "./promptFiles.ts"

/** A finding with the file that it is in. */
export interface FileFinding extends Finding {
  /** Absolute. */
  readonly file: string
}

/**
 * What lint says of a suite's prompts, in their order, each line's once. Every prompt is looked at for all models that
 * the suite names; `results` are the user's own pass rates, by the prompt's hash.
 */
export const lintSuite = (
  suite: LoadedSuite,
  prompts: ReadonlyArray<PromptFile>,
  results: ReadonlyMap<string, ReadonlyArray<PassResult>>
): ReadonlyArray<FileFinding> => {
  const models = Array.from(new Set(suite.variants.map(({ settings }) => settings.model)))
  return prompts.flatMap(({ file, name, text }) => {
    const variants = suite.variants.filter(({ prompt }) => prompt.name === name)
    const ofSettings = variants.flatMap(({ prompt, settings }) =>
      lintPrompt(text, { settings, results: results.get(prompt.hash) ?? [] }, settingsRules)
    )
    return [...ofSettings, ...lintPrompt(text, { models }, textRules)].map((finding) => ({ ...finding, file }))
  })
}

// The same text must not be found fault with once for each of its settings.
const isOfSettings = (id: string) => id === "more-than-results-justify"
const settingsRules = lintRules.filter(({ id }) => isOfSettings(id))
const textRules = lintRules.filter(({ id }) => !isOfSettings(id))
