import type { Completion } from "@assay/core"
import { Duration } from "effect"

/** A completion as o3-mini would give it for 0.001 credits, with the parts that a test wants otherwise. */
export const completion = (fields: Partial<Completion> = {}): Completion => ({
  output: "ok",
  finishReason: "stop",
  refusal: undefined,
  model: "o3-mini-2025-01-31",
  systemFingerprint: "fp_1",
  usage: { promptTokens: 35, cachedPromptTokens: 0, completionTokens: 310, reasoningTokens: 256 },
  charge: { amount: 1_000_000_000n, source: "header", held: 0n },
  latency: Duration.seconds(1),
  requestId: "request-1",
  attemptId: "0000000000001",
  attempts: 1,
  remainingCredits: undefined,
  ...fields
})
