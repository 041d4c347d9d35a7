import type { CompletionRequest } from "./CompletionRequest.ts"
import type { ModelInfo } from "./ModelCatalogue.ts"
import type { Provider } from "./Provider.ts"

/**
 * The most one attempt can cost, in pico-credits: (prompt tokens × price + output cap × price) × markup, rounded up.
 *
 * Prompt tokens are bounded by UTF-8 bytes, as each token of a byte-level encoding covers at least one, plus 8 a
 * message, 32 for the frame and 32 for a JSON format. The output cap is `maxCompletionTokens` where the provider is
 * known to honour it, else the model's output limit.
 */
export const callBound = (request: CompletionRequest, model: ModelInfo, provider: Provider): bigint => {
  const outputTokens = provider.capHonoured
    ? Math.min(request.maxCompletionTokens, model.outputLimitTokens)
    : model.outputLimitTokens
  const listPrice = BigInt(promptTokenBound(request)) * model.inputPrice + BigInt(outputTokens) * model.outputPrice
  return withMarkup(listPrice, provider)
}

/** What a provider asks for an amount at list price, rounded up to a pico-credit. */
export const withMarkup = (listPrice: bigint, provider: Provider): bigint => {
  const percent = BigInt(Math.ceil(provider.markupPercent))
  return (listPrice * percent + 99n) / 100n
}

/** No prompt has more tokens than this. */
export const promptTokenBound = (request: CompletionRequest): number => {
  let bytes = request.json === true ? 64 : 32
  for (const { content } of request.messages) bytes += Buffer.byteLength(content) + 8
  return bytes
}
