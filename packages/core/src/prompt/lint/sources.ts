// Where rules come from. The guide's advice is told in our own words.
export const reasoningGuide =
  "OpenAI, reasoning best practices (developers.openai.com/api/docs/guides/reasoning-best-practices)"
export const azureReasoning = "Microsoft Learn, Azure OpenAI reasoning models"
export const assay = "Assay"
