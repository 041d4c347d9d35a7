import type { Usage } from "../Completion.ts"
import type { ModelInfo } from "../ModelCatalogue.ts"

/** Usage at list price in pico-credits; reasoning tokens are a part of the completion tokens. */
export const listPriceOf = (usage: Usage, model: ModelInfo): bigint => {
  const cached = Math.min(usage.cachedPromptTokens, usage.promptTokens)
  return (
    BigInt(usage.promptTokens - cached) * model.inputPrice +
    BigInt(cached) * model.cachedInputPrice +
    BigInt(usage.completionTokens) * model.outputPrice
  )
}
