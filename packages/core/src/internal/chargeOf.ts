import type { Charge, Usage } from "../Completion.ts"
import { parseCredits } from "../Credits.ts"
import { withMarkup } from "../callBound.ts"
import type { ModelInfo } from "../ModelCatalogue.ts"
import type { Provider } from "../Provider.ts"
import { listPriceOf } from "./listPriceOf.ts"
import { readStatedAmounts } from "./readStatedAmounts.ts"

/**
 * What a reply was charged, from exact to worst: `x-cost` (or a proxy's `x-litellm-response-cost`), the cost in the body
 * (Segmind v2's `metrics.cost`, OpenRouter's `usage.cost`), usage × price, the bound. Never a difference of balances:
 * other calls move those.
 */
export const chargeOf = (
  headers: Readonly<Record<string, string | undefined>>,
  usage: Usage | undefined,
  { bound, model, provider }: { readonly bound: bigint; readonly model: ModelInfo; readonly provider: Provider },
  body = ""
): Charge => {
  const stated =
    parseCredits(headers["x-cost"] ?? "") ??
    parseCredits(headers["x-litellm-response-cost"] ?? "") ??
    readStatedAmounts(body).cost
  if (stated !== undefined) return { amount: stated, source: "header", held: 0n }
  if (usage === undefined) return { amount: bound, source: "bound", held: 0n }
  const amount = withMarkup(listPriceOf(usage, model), provider)
  return { amount, source: "usage", held: provider.holdsEstimates && amount < bound ? bound - amount : 0n }
}
