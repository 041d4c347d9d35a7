import { Context, Effect, Layer, Stream } from "effect"
import { type AiError, LanguageModel, Model, type Response, Telemetry } from "effect/ai"
import type { Completion } from "./Completion.ts"
import type { CompletionRequest } from "./CompletionRequest.ts"
import { jsonCodec, withObjectContract } from "./languageModel/objectContract.ts"
import { objectTextOf } from "./languageModel/objectTextOf.ts"
import { partsOf, streamPartsOf } from "./languageModel/responseParts.ts"
import { toAiError } from "./languageModel/toAiError.ts"
import { toMessages } from "./languageModel/toMessages.ts"
import { unsupported } from "./languageModel/unsupported.ts"
import { ModelClient } from "./ModelClient.ts"

export type { AssayErrorMetadata, AssayMetadata } from "./languageModel/metadata.ts"

/** The model to call and how, as in a `CompletionRequest`; the messages come from the `effect/ai` prompt. */
export interface LanguageModelSettings extends Omit<CompletionRequest, "messages" | "json"> {
  /**
   * Whether `generateObject` also asks the provider for a JSON object (`response_format`); true by default. For servers
   * that refuse the field. The schema is in the prompt either way.
   */
  readonly jsonObject?: boolean
  /**
   * What `streamText` does. `refused`, the default, fails before anything is sent, since core has no reply before it
   * has the whole reply. `whole` gives that reply as one delta: the parts of a stream, without its early words.
   */
  readonly stream?: "refused" | "whole"
}

/**
 * `effect/ai`'s `LanguageModel` over a `ModelClient`: the same ledger, budget, retries and exact cost.
 *
 * Fails with `AiError` alone. The charge is in the finish part's `metadata.assay`, and so it is in an error's, whose
 * `isRetryable` is false wherever the call may have been charged without an answer: see `docs/guides/language-model.md`.
 * Tools, tool messages and files are refused before anything is sent.
 */
export const layer = (settings: LanguageModelSettings): Layer.Layer<LanguageModel.LanguageModel, never, ModelClient> =>
  Layer.effect(LanguageModel.LanguageModel, make(settings))

/** `layer` as an `effect/ai` model, which also says who answers, as an `ExecutionPlan` wants it. */
export const model = (
  settings: LanguageModelSettings & { readonly provider: string }
): Model.Model<string, LanguageModel.LanguageModel, ModelClient> =>
  Model.make(settings.provider, settings.model, layer(settings))

/** What calls in its reach do otherwise than their layer says; `withSettings` sets it for effects. */
export const CurrentSettings: Context.Reference<Partial<LanguageModelSettings>> = Context.Reference(
  "core/LanguageModel/CurrentSettings",
  { defaultValue: (): Partial<LanguageModelSettings> => ({}) }
)

/** Changes settings for the calls that `effect` makes, over those of the layer and of an outer `withSettings`. */
export const withSettings =
  (settings: Partial<LanguageModelSettings>) =>
  <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
    Effect.updateService(effect, CurrentSettings, (outer) => ({ ...outer, ...settings }))

/** The service that `layer` provides. */
export const make = (settings: LanguageModelSettings): Effect.Effect<LanguageModel.LanguageModel, never, ModelClient> =>
  Effect.flatMap(ModelClient, (client) => {
    const call = Effect.fnUntraced(function* (options: LanguageModel.ProviderOptions, method: Method) {
      const current = { ...settings, ...(yield* CurrentSettings) }
      if (method === "streamText" && current.stream !== "whole") return yield* unsupported(method, "stream", noStream)
      const request = yield* requestOf(options, current, method)
      annotateRequest(options, request)
      const completion = yield* Effect.mapError(client.complete(request), (error) => toAiError(error, method))
      annotateResponse(options, completion)
      return completion
    })

    return LanguageModel.make({
      codecTransformer: jsonCodec,
      generateText: (options): Effect.Effect<Array<Response.PartEncoded>, AiError.AiError> => {
        const format = options.responseFormat
        if (format.type === "text") return Effect.map(call(options, "generateText"), (reply) => partsOf(reply))
        return Effect.flatMap(call(options, "generateObject"), (reply) =>
          // Effect decodes the text once more, but its own failure could not say what the reply had cost.
          Effect.map(objectTextOf(reply, format.schema), (text) => partsOf(reply, text))
        )
      },
      streamText: (options) =>
        Stream.unwrap(Effect.map(call(options, "streamText"), (reply) => Stream.fromIterable(streamPartsOf(reply))))
    })
  })

type Method = "generateText" | "generateObject" | "streamText"

const noStream =
  'this model gives its reply as a whole, so there is nothing to stream; use generateText, or set `stream: "whole"` ' +
  "to get the whole reply as one delta"

const requestOf = Effect.fnUntraced(function* (
  options: LanguageModel.ProviderOptions,
  settings: LanguageModelSettings,
  method: Method
) {
  const { jsonObject = true, stream: _, ...request } = settings
  if (options.tools.length > 0) {
    return yield* unsupported(method, "toolkit", "tools are not supported by this model; call it without a toolkit")
  }
  const messages = yield* toMessages(options.prompt, method)
  if (options.responseFormat.type === "text") return { ...request, messages }
  const contract = yield* withObjectContract(messages, options.responseFormat)
  return { ...request, messages: contract, ...(jsonObject ? { json: true } : {}) }
})

/** The span is Effect's own, as `LanguageModel.generateText`; what it may carry is named by the gen_ai conventions. */
const annotateRequest = ({ span, responseFormat }: LanguageModel.ProviderOptions, request: CompletionRequest) =>
  Telemetry.addGenAIAnnotations(span, {
    operation: { name: "chat" },
    provider: { name: request.provider },
    output: { type: responseFormat.type },
    request: { model: request.model, maxTokens: request.maxCompletionTokens, seed: request.seed }
  })

const annotateResponse = ({ span }: LanguageModel.ProviderOptions, { model, finishReason, usage }: Completion) =>
  Telemetry.addGenAIAnnotations(span, {
    response: { model, finishReasons: [finishReason] },
    usage: { inputTokens: usage?.promptTokens, outputTokens: usage?.completionTokens }
  })
