import type { CompletionRequest } from "@assay/core"

/** So many requests, each another one. The model is one that OpenAI is not reported to have retired. */
export const questions = (count: number): ReadonlyArray<CompletionRequest> =>
  Array.from({ length: count }, (_, index) => ({
    model: "o4-mini",
    messages: [{ role: "user", content: `Say the number ${index}.` }],
    maxCompletionTokens: 800
  }))
