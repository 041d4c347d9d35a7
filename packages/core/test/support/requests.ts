import { Redacted } from "effect"
import { type CompletionRequest, findModel, openAiCompatible, segmind, simulator } from "../../src/index.ts"
import type { ModelInfo } from "../../src/ModelCatalogue.ts"

/** No key of anyone: the tests look for it wherever it must not be. */
export const secret = "SG_0123456789abcdef"

export const request: CompletionRequest = {
  model: "o3-mini",
  messages: [
    { role: "system", content: "Answer with a number." },
    { role: "user", content: "6 × 7?" }
  ],
  maxCompletionTokens: 1000
}

export const o3mini: ModelInfo =
  findModel("o3-mini") ??
  (() => {
    throw new Error("o3-mini has left the catalogue")
  })()

export const gateway = segmind(Redacted.make(secret))
export const played = simulator(Redacted.make(secret), "http://provider.invalid")
export const compatible = openAiCompatible(Redacted.make(secret), "http://provider.invalid")
