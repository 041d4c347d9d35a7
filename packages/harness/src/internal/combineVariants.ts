import type { Variant } from "../LoadedSuite.ts"
import type { PromptTemplate } from "../PromptTemplate.ts"
import type { ModelSettings } from "../Suite.ts"

/**
 * Prompts × settings. A variant's name says only what tells it apart, so one set of settings needs no mention. Names are
 * unique unless a prompt's name or a set of settings is there twice.
 */
export const combineVariants = (
  prompts: ReadonlyArray<PromptTemplate>,
  settings: ReadonlyArray<ModelSettings>
): ReadonlyArray<Variant> => {
  const varies = (read: (setting: ModelSettings) => unknown) => new Set(settings.map(read)).size > 1
  const parts = [
    (setting: ModelSettings) => setting.model,
    (setting: ModelSettings) => setting.reasoningEffort ?? "no effort",
    (setting: ModelSettings) => `${setting.maxCompletionTokens} tokens`,
    (setting: ModelSettings) => (setting.json === true ? "json" : "free")
  ].filter(varies)
  return prompts.flatMap((prompt) =>
    settings.map((setting) => ({
      name: [prompt.name, ...parts.map((part) => part(setting))].join(" "),
      prompt,
      settings: setting
    }))
  )
}
