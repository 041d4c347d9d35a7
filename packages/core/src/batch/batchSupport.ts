import type { ModelInfo } from "../ModelCatalogue.ts"
import type { Provider } from "../Provider.ts"

/** Whether a model can be called in batches, at half price and within a day; a sentence says why not. */
export type BatchSupport = { readonly _tag: "Supported" } | { readonly _tag: "Unsupported"; readonly reason: string }

/**
 * Pure, so that a plan can tell before anything is sent. `today` (an ISO date) rules out models that OpenAI has retired.
 * Compatible servers count as having none: most have no such routes, and those that do seldom give the discount.
 */
export const batchSupport = (provider: Provider, model: ModelInfo, today?: string): BatchSupport => {
  if (provider.protocol !== "openai") return unsupported("Segmind's protocol has no batches.")
  if (provider.name !== "openai" && !isOpenAi(provider.baseUrl)) {
    return unsupported(`Only OpenAI is known to have batches at half price, and ${provider.name} is another server.`)
  }
  const { reportedRetirement } = model
  if (today !== undefined && reportedRetirement !== undefined && reportedRetirement <= today) {
    return unsupported(`OpenAI is reported to have retired ${model.slug} on ${reportedRetirement}, batches included.`)
  }
  return { _tag: "Supported" }
}

const isOpenAi = (baseUrl: string): boolean => /^https:\/\/([a-z]+\.)?api\.openai\.com(\/|$)/.test(baseUrl)

const unsupported = (reason: string): BatchSupport => ({ _tag: "Unsupported", reason })
