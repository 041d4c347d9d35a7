import { defineSuite, json, Schema } from "@assay/harness"

export default defineSuite({
  name: "policy",
  description: "Business records that a written policy decides, with the rules that decided them.",
  input: Schema.Struct({ policy: Schema.String, record: Schema.String }),
  target: Schema.Struct({ decision: Schema.String, reasons: Schema.Array(Schema.String) }),
  simulation: Schema.Struct({ wrong: Schema.Array(Schema.String) }),
  samples: "./samples.jsonl",
  prompts: ["./prompts/plain.md", "./prompts/structured.md"],
  settings: [{ model: "o3-mini", reasoningEffort: "medium", maxCompletionTokens: 1000 }],
  scorers: [json()],
  simulate: ({ target, difficulty, simulation }) => ({
    right: JSON.stringify(target),
    wrong: simulation.wrong,
    difficulty: difficulty ?? 0.5,
    format: "json"
  })
})
