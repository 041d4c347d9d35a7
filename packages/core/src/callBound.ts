import type { CompletionRequest } from "./CompletionRequest.ts"
import type { ModelInfo } from "./ModelCatalogue.ts"
import type { Provider } from "./Provider.ts"
import { countBytes, type TokenCounter, tokenBound } from "./tokenBound.ts"

/**
 * The most one attempt can cost, in pico-credits: (prompt tokens × price + output cap × price) × markup, rounded up.
 *
 * Prompt tokens are bounded by `tokenBound` with `count`, UTF-8 bytes by default. The output cap is `maxCompletionTokens`
 * where the provider is known to honour it, else the model's output limit.
 */
export const callBound = (
  request: CompletionRequest,
  model: ModelInfo,
  provider: Provider,
  count: TokenCounter = countBytes
): bigint => {
  const outputTokens = provider.capHonoured
    ? Math.min(request.maxCompletionTokens, model.outputLimitTokens)
    : model.outputLimitTokens
  const listPrice = BigInt(tokenBound(request, count)) * model.inputPrice + BigInt(outputTokens) * model.outputPrice
  return withMarkup(listPrice, provider)
}

/** What a provider asks for an amount at list price, rounded up to a pico-credit. */
export const withMarkup = (listPrice: bigint, provider: Provider): bigint => {
  const percent = BigInt(Math.ceil(provider.markupPercent))
  return (listPrice * percent + 99n) / 100n
}
