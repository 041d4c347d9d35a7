import type { Charge, Usage } from "../Completion.ts"
import { parseCredits } from "../Credits.ts"
import { withMarkup } from "../callBound.ts"
import type { ModelInfo } from "../ModelCatalogue.ts"
import type { Provider } from "../Provider.ts"

/**
 * What a reply was charged, from exact to worst: `x-cost` (or a proxy's `x-litellm-response-cost`), usage × price,
 * the bound. Never a difference of balances: other calls move those.
 */
export const chargeOf = (
  headers: Readonly<Record<string, string | undefined>>,
  usage: Usage | undefined,
  { bound, model, provider }: { readonly bound: bigint; readonly model: ModelInfo; readonly provider: Provider }
): Charge => {
  const stated = parseCredits(headers["x-cost"] ?? "") ?? parseCredits(headers["x-litellm-response-cost"] ?? "")
  if (stated !== undefined) return { amount: stated, source: "header", held: 0n }
  if (usage === undefined) return { amount: bound, source: "bound", held: 0n }
  const amount = withMarkup(listPrice(usage, model), provider)
  return { amount, source: "usage", held: provider.holdsEstimates && amount < bound ? bound - amount : 0n }
}

/** Usage at list price in pico-credits; reasoning tokens are a part of the completion tokens. */
const listPrice = (usage: Usage, model: ModelInfo): bigint => {
  const cached = Math.min(usage.cachedPromptTokens, usage.promptTokens)
  return (
    BigInt(usage.promptTokens - cached) * model.inputPrice +
    BigInt(cached) * model.cachedInputPrice +
    BigInt(usage.completionTokens) * model.outputPrice
  )
}
