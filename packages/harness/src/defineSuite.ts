import type { Suite } from "./Suite.ts"

/**
 * Declares a suite. Types flow from the schemas: `input` and `target` decide what samples, scorers and `simulate` see.
 *
 * @example
 * export default defineSuite({
 *   name: "capitals",
 *   input: Schema.Struct({ country: Schema.String }),
 *   target: Schema.String,
 *   samples: "./samples.jsonl",
 *   prompts: ["./prompts/plain.md"],
 *   settings: [{ model: "o3-mini", reasoningEffort: "low", maxCompletionTokens: 500 }],
 *   scorers: [exact()]
 * })
 */
export const defineSuite = <Input, Target, Simulation = undefined>(
  suite: Suite<Input, Target, Simulation>
): Suite<Input, Target, Simulation> => suite
