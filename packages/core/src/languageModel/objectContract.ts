import { Effect, Schema } from "effect"
import { AiError, type LanguageModel } from "effect/ai"
import type { Message } from "../CompletionRequest.ts"

type ObjectFormat = Extract<LanguageModel.ProviderOptions["responseFormat"], { readonly type: "json" }>

/** How a schema's values are written in a reply: as the JSON that its schema in the prompt describes. */
export const jsonCodec: LanguageModel.CodecTransformer = (schema) => {
  const { schema: root, definitions } = Schema.toJsonSchemaDocument(schema)
  const jsonSchema = Object.keys(definitions).length === 0 ? root : { ...root, $defs: definitions }
  return { codec: Schema.toCodecJson(schema), jsonSchema }
}

/**
 * Adds to the prompt that the reply must be one JSON value of this schema: to its first message where that is a system
 * message, as a system message before it otherwise. No provider here is known to hold a model to a schema by itself.
 */
export const withObjectContract = (
  messages: ReadonlyArray<Message>,
  { schema, objectName }: ObjectFormat
): Effect.Effect<ReadonlyArray<Message>, AiError.AiError> =>
  Effect.try({
    try: () => {
      const contract = contractOf(objectName, JSON.stringify(jsonCodec(schema).jsonSchema))
      const [first, ...rest] = messages
      return first?.role === "system"
        ? [{ role: "system", content: `${first.content}\n\n${contract}` } as const, ...rest]
        : [{ role: "system", content: contract } as const, ...messages]
    },
    catch: (cause) => {
      const description = `"${objectName}" has no JSON Schema: ${cause instanceof Error ? cause.message : String(cause)}`
      return AiError.make({
        module: "LanguageModel",
        method: "generateObject",
        reason: new AiError.UnsupportedSchemaError({ description })
      })
    }
  })

const contractOf = (name: string, jsonSchema: string) =>
  `Answer with one JSON value named ${name} and nothing else: no prose, no Markdown. It must be valid under this JSON ` +
  `Schema:\n${jsonSchema}`
