import { Result } from "effect"
import type { CompletionRequest } from "./CompletionRequest.ts"
import { callBound } from "./callBound.ts"
import { completionKey } from "./completionKey.ts"
import { findModel, type ModelInfo } from "./ModelCatalogue.ts"
import { RequestRejected } from "./ModelError.ts"
import type { Provider } from "./Provider.ts"
import { countBytes, type TokenCounter, tokenBound } from "./tokenBound.ts"

/** A request with all that it was resolved to. */
export interface Call {
  readonly request: CompletionRequest
  readonly provider: Provider
  readonly model: ModelInfo
  /** What it buys; see `completionKey`. */
  readonly key: string
  /** The most one attempt may cost, in pico-credits; see `callBound`. */
  readonly bound: bigint
}

/** What requests are resolved against. */
export interface CallOptions {
  /** At least one; the first is the default of requests that name none. */
  readonly providers: readonly [Provider, ...ReadonlyArray<Provider>]
  /** Limits and prices of models that the catalogue does not know. */
  readonly models?: ReadonlyArray<ModelInfo>
  /**
   * Counts the tokens of prompts, as `loadO200kCounter` does for OpenAI's models; by default each byte counts as one. The
   * tighter count lets more calls fit a budget; a model with another encoding must not be given it.
   */
  readonly countTokens?: TokenCounter
}

/**
 * Resolves a request's names and refuses, before it costs anything, what cannot succeed. Pure, so that a plan can know
 * each call's bound without a client.
 */
export const resolveCall = (request: CompletionRequest, options: CallOptions): Result.Result<Call, RequestRejected> => {
  const provider =
    request.provider === undefined
      ? options.providers[0]
      : options.providers.find(({ name }) => name === request.provider)
  const refuse = (reason: string) =>
    Result.fail(new RequestRejected({ provider: provider?.name ?? request.provider ?? "", status: 0, reason }))
  if (provider === undefined) {
    const known = options.providers.map(({ name }) => name).join(", ")
    return refuse(`no provider is called "${request.provider}"; known: ${known}`)
  }
  if (!/^[A-Za-z0-9._-]+$/.test(request.model)) return refuse(`"${request.model}" is not a model slug`)
  const model = options.models?.find(({ slug }) => slug === request.model) ?? findModel(request.model)
  if (model === undefined) {
    return refuse(`the model ${request.model} is not in the catalogue: declare its limits and prices`)
  }
  if (request.messages.length === 0) return refuse("it has no messages")
  if (request.reasoningEffort !== undefined && !model.reasoningEffort) {
    return refuse(`${model.slug} has no reasoning effort`)
  }
  if (!Number.isSafeInteger(request.maxCompletionTokens) || request.maxCompletionTokens < 1) {
    return refuse("maxCompletionTokens must be a whole number of 1 or more")
  }
  if (request.maxCompletionTokens > model.outputLimitTokens) {
    return refuse(`maxCompletionTokens is over the ${model.outputLimitTokens} that ${model.slug} can give`)
  }
  if (request.seed !== undefined && !Number.isSafeInteger(request.seed)) return refuse("seed must be a whole number")
  // A token holds about 3 bytes of English; a text that averages over 8 is mostly blanks.
  if (tokenBound(request, countBytes) > 8 * model.contextTokens) {
    return refuse(`the prompt is over the ${model.contextTokens} tokens of ${model.slug}'s context window`)
  }
  const key = completionKey(request, provider)
  return Result.succeed({
    request,
    provider,
    model,
    key,
    bound: callBound(request, model, provider, options.countTokens)
  })
}
