import type { CompletionRequest, ModelInfo } from "@assay/core"

/** Fewer tokens than any true answer to the capped prompt takes. */
export const probeCap = 16

/** Enough for a short answer with some thought. */
const answerCap = 300

const base = (model: ModelInfo, content: string, trialIndex: number) =>
  ({ model: model.slug, messages: [{ role: "user", content }], kind: "probe", trialIndex }) as const

/** The calls of a probe. Each is small, and all are of the kind `probe`, so that their spend is told apart. */
export const probeRequests = (model: ModelInfo) => {
  const efforts = model.reasoningEffort
    ? ({ low: { reasoningEffort: "low" }, high: { reasoningEffort: "high" } } as const)
    : { low: {}, high: {} }
  const count = "Write the numbers from one to sixty as words, one after the other."
  const think =
    "Three people share 17 coins so that each has a different odd number of them. How many ways? Give the number only."
  return {
    capped: { ...base(model, count, 0), ...efforts.low, maxCompletionTokens: probeCap },
    low: { ...base(model, think, 1), ...efforts.low, maxCompletionTokens: answerCap },
    high: { ...base(model, think, 2), ...efforts.high, maxCompletionTokens: answerCap },
    temperature: { ...base(model, count, 3), ...efforts.low, maxCompletionTokens: probeCap },
    refusedKey: { ...base(model, count, 4), ...efforts.low, maxCompletionTokens: probeCap },
    aborted: { ...base(model, think, 5), ...efforts.high, maxCompletionTokens: answerCap }
  } satisfies Readonly<Record<string, CompletionRequest>>
}
