import { defineSuite, numeric, Schema } from "@assay/harness"

export default defineSuite({
  name: "sums",
  description: "Small sums, for the tests of the command line",
  input: Schema.Struct({ question: Schema.String }),
  target: Schema.Finite,
  simulation: Schema.Struct({ wrong: Schema.Array(Schema.Finite) }),
  samples: "./samples.jsonl",
  prompts: ["./prompts/plain.md", "./prompts/structured.md"],
  settings: [{ model: "o3-mini", reasoningEffort: "low", maxCompletionTokens: 400 }],
  scorers: [numeric()],
  simulate: ({ target, simulation, difficulty }) => ({
    right: String(target),
    wrong: simulation.wrong.map(String),
    difficulty: difficulty ?? 0.6,
    format: "number"
  })
})
