import { Effect, Schema } from "effect"
import { AiError } from "effect/ai"
import type { Completion } from "../Completion.ts"
import { metadataOf } from "./metadata.ts"
import { jsonCodec } from "./objectContract.ts"

/**
 * The JSON text of a reply that was asked for an object, without the Markdown fence that some models put around it.
 *
 * Fails when the reply is not a value of the schema: with `ContentPolicyError` when the model refused, with
 * `StructuredOutputError` when it was cut or is something else. It was billed all the same, and the error says how much.
 * Effect calls the latter retryable; another try is another purchase.
 */
export const objectTextOf = (completion: Completion, schema: Schema.Top): Effect.Effect<string, AiError.AiError> => {
  const text = unfenced(completion.output)
  const { finishReason } = completion
  if (finishReason === "refusal" || finishReason === "content_filter") return Effect.fail(refused(completion))
  if (finishReason === "length") return Effect.fail(invalid(completion, "it was cut at maxCompletionTokens"))
  if (text === "") return Effect.fail(invalid(completion, "it has no text"))
  // What the schema's decoding requires, the effect of `generateObject` requires too: it is there when this runs.
  const codec = jsonCodec(schema).codec as unknown as Schema.ConstraintCodec<unknown, unknown>
  return Schema.decodeEffect(Schema.fromJsonString(codec))(text).pipe(
    Effect.mapBoth({ onFailure: (error) => invalid(completion, error.message), onSuccess: () => text })
  )
}

const fence = /^```[a-z]*\s*\n([\s\S]*?)\n?```$/i

const unfenced = (output: string): string => {
  const text = output.trim()
  return fence.exec(text)?.[1]?.trim() ?? text
}

const refused = (completion: Completion) =>
  failure(
    new AiError.ContentPolicyError({
      description: completion.refusal ?? "the provider filtered the reply",
      metadata: metadataOfFailure(completion, "ContentPolicy")
    })
  )

const invalid = (completion: Completion, reason: string) => {
  const { usage } = completion
  return failure(
    new AiError.StructuredOutputError({
      description: `the reply was billed, but it is not what the schema asks for: ${reason}`,
      responseText: completion.output,
      metadata: metadataOfFailure(completion, "StructuredOutput"),
      ...(usage === undefined
        ? {}
        : {
            usage: {
              promptTokens: usage.promptTokens,
              completionTokens: usage.completionTokens,
              totalTokens: usage.promptTokens + usage.completionTokens
            }
          })
    })
  )
}

const metadataOfFailure = (completion: Completion, error: string) => {
  const { credits, creditsHeld, attemptId } = metadataOf(completion)
  return { assay: { error, message: "", credits, creditsHeld, attemptId, retryAfterMillis: null } }
}

const failure = (reason: AiError.AiErrorReason) =>
  AiError.make({ module: "LanguageModel", method: "generateObject", reason })
