/** One line of the price list. */
export interface SimulatedModel {
  /** The full name that the reply carries as `model`. */
  readonly snapshot: string
  /** Pico-credits per prompt token. */
  readonly inputPrice: bigint
  /** Pico-credits per completion token; reasoning is billed as output. */
  readonly outputPrice: bigint
  /** The most tokens that prompt and completion may have together. */
  readonly contextWindow: number
  /** The most completion tokens, and the cap where a request names none. */
  readonly outputLimit: number
  /** Whether it thinks before it answers: `reasoning_effort` is for those that do, `temperature` for those that don't. */
  readonly reasons: boolean
  /** Added to the log-odds of a right answer; o3-mini is 0. Invented. */
  readonly skill: number
  /** Answers 410, as the gateway does for a model that its vendor has shut down. */
  readonly retired?: boolean
  /** Answers 403, as the gateway does for a model that the team may not use. */
  readonly forbidden?: boolean
}

/** Pico-credits per token are dollars per million tokens times a million: 1.10 becomes 1,100,000. */
const prices = (inputDollarCents: bigint, outputDollarCents: bigint) => ({
  inputPrice: inputDollarCents * 10_000n,
  outputPrice: outputDollarCents * 10_000n
})

const thinker = { contextWindow: 200_000, outputLimit: 100_000, reasons: true }

/** The vendor's list prices, in cents per million tokens, without a markup. */
export const simulatedModels: Readonly<Record<string, SimulatedModel>> = {
  "o3-mini": { snapshot: "o3-mini-2025-01-31", ...prices(110n, 440n), ...thinker, skill: 0 },
  "o4-mini": { snapshot: "o4-mini-2025-04-16", ...prices(110n, 440n), ...thinker, skill: 0.3 },
  o3: { snapshot: "o3-2025-04-16", ...prices(200n, 800n), ...thinker, skill: 0.6 },
  o1: { snapshot: "o1-2024-12-17", ...prices(1500n, 6000n), ...thinker, skill: 0.2, retired: true },
  "gpt-4o": {
    snapshot: "gpt-4o-2024-08-06",
    ...prices(250n, 1000n),
    contextWindow: 128_000,
    outputLimit: 16_384,
    reasons: false,
    skill: -0.7
  },
  "gpt-5-mini": {
    snapshot: "gpt-5-mini-2025-08-07",
    ...prices(25n, 200n),
    contextWindow: 400_000,
    outputLimit: 128_000,
    reasons: true,
    skill: 0.4
  },
  "gpt-5-nano": {
    snapshot: "gpt-5-nano-2025-08-07",
    ...prices(5n, 40n),
    contextWindow: 400_000,
    outputLimit: 128_000,
    reasons: true,
    skill: -0.3
  }
}
