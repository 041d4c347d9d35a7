import { defineSuite, Schema } from "@assay/harness"
import { codeTests } from "@assay/harness/code"

const Case = Schema.Struct({ arguments: Schema.Array(Schema.Json), expected: Schema.Json })

export default defineSuite({
  name: "coding",
  description: "Small JavaScript functions, written from a specification and judged by hidden tests.",
  input: Schema.Struct({ task: Schema.String, entry: Schema.String, signature: Schema.String }),
  target: Schema.Struct({ entry: Schema.String, cases: Schema.Array(Case) }),
  simulation: Schema.Struct({ solution: Schema.String, wrong: Schema.Array(Schema.String) }),
  samples: "./samples.jsonl",
  prompts: ["./prompts/plain.md", "./prompts/structured.md"],
  settings: [{ model: "o3-mini", reasoningEffort: "medium", maxCompletionTokens: 1400 }],
  scorers: [codeTests()],
  simulate: ({ difficulty, simulation }) => ({
    right: simulation.solution,
    wrong: simulation.wrong,
    difficulty: difficulty ?? 0.5,
    format: "code",
    language: "javascript"
  })
})
