import { type Effect, Metric } from "effect"

/** Names and buckets are those of OpenTelemetry's gen_ai conventions; what they have no name for is `assay.*`. */
const operationDuration = Metric.histogram("gen_ai.client.operation.duration", {
  description: "Time of a call with its retries and its waits for the budget, in seconds",
  attributes: { unit: "seconds" },
  boundaries: [0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92]
})

const tokenUsage = Metric.histogram("gen_ai.client.token.usage", {
  description: "Tokens of a call by gen_ai.token.type",
  attributes: { unit: "{token}" },
  boundaries: [1, 4, 16, 64, 256, 1024, 4096, 16_384, 65_536, 262_144, 1_048_576, 4_194_304, 16_777_216, 67_108_864]
})

const attempts = Metric.counter("assay.attempts", {
  description: "HTTP tries by class",
  attributes: { unit: "{attempt}" },
  incremental: true
})

const retries = Metric.counter("assay.retries", {
  description: "HTTP tries after the first of their call, by class",
  attributes: { unit: "{attempt}" },
  incremental: true
})

const creditsSettled = Metric.counter("assay.credits.settled", {
  description: "Pico-credits (1e-12 credits) that were charged",
  attributes: { unit: "{pico_credit}" },
  bigint: true,
  incremental: true
})

const creditsHeld = Metric.counter("assay.credits.held", {
  description: "Pico-credits (1e-12 credits) that were put on hold, since their calls' fate or cost is unknown",
  attributes: { unit: "{pico_credit}" },
  bigint: true,
  incremental: true
})

type Attributes = Readonly<Record<string, string>>

const record =
  <Input, State>(metric: Metric.Metric<Input, State>) =>
  (attributes: Attributes, value: Input): Effect.Effect<void> =>
    Metric.update(Metric.withAttributes(metric, attributes), value)

export const recordDuration = record(operationDuration)
export const recordTokens = record(tokenUsage)
export const countAttempts = record(attempts)
export const countRetries = record(retries)
export const addSettled = record(creditsSettled)
export const addHeld = record(creditsHeld)
