import { defineSuite, numeric, Schema } from "@assay/harness"

export default defineSuite({
  name: "math",
  description: "Word problems of two to six steps, each with one number as its answer.",
  input: Schema.Struct({ question: Schema.String }),
  target: Schema.Finite,
  simulation: Schema.Struct({ wrong: Schema.Array(Schema.String) }),
  samples: "./samples.jsonl",
  prompts: ["./prompts/plain.md", "./prompts/structured.md"],
  settings: [{ model: "o3-mini", reasoningEffort: "medium", maxCompletionTokens: 1000 }],
  // Every wrong number of the samples is at least 0.01 away, so half of that forgives notation and no mistake.
  scorers: [numeric({ tolerance: 0.005 })],
  simulate: ({ target, difficulty, simulation }) => ({
    right: String(target),
    wrong: simulation.wrong,
    difficulty: difficulty ?? 0.5,
    format: "number"
  })
})
