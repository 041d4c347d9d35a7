import type { Response } from "effect/ai"
import type { Completion, FinishReason } from "../Completion.ts"
import { metadataOf } from "./metadata.ts"

/** A completion as the parts of an `effect/ai` response; an empty output has no text part. */
export const partsOf = (completion: Completion, text = completion.output): Array<Response.PartEncoded> => [
  responseMetadata(completion),
  ...(text === "" ? [] : [{ type: "text" as const, text }]),
  finish(completion)
]

/** The same as a stream: all of the text is one delta. */
export const streamPartsOf = (completion: Completion): Array<Response.StreamPartEncoded> => {
  const { output, attemptId: id } = completion
  return [
    responseMetadata(completion),
    ...(output === ""
      ? []
      : [
          { type: "text-start" as const, id },
          { type: "text-delta" as const, id, delta: output },
          { type: "text-end" as const, id }
        ]),
    finish(completion)
  ]
}

const responseMetadata = ({ model, requestId }: Completion): Response.ResponseMetadataPartEncoded => ({
  type: "response-metadata",
  id: requestId,
  modelId: model
})

const finish = (completion: Completion): Response.FinishPartEncoded => ({
  type: "finish",
  reason: reasons[completion.finishReason],
  usage: usageOf(completion.usage),
  metadata: { assay: metadataOf(completion) }
})

/** A refusal is the model's own choice, not a filter's; its words are in the metadata. */
const reasons = {
  stop: "stop",
  length: "length",
  content_filter: "content-filter",
  refusal: "other",
  unknown: "unknown"
} as const satisfies Record<FinishReason, string>

const usageOf = (usage: Completion["usage"]): Response.FinishPartEncoded["usage"] =>
  usage === undefined
    ? { inputTokens: {}, outputTokens: {} }
    : {
        inputTokens: {
          total: usage.promptTokens,
          uncached: usage.promptTokens - usage.cachedPromptTokens,
          cacheRead: usage.cachedPromptTokens
        },
        outputTokens: {
          total: usage.completionTokens,
          text: usage.completionTokens - usage.reasoningTokens,
          reasoning: usage.reasoningTokens
        }
      }
