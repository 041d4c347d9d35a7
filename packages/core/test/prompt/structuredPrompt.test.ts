import { assert, describe, it } from "@effect/vitest"
import { Effect, Schema } from "effect"
import {
  lintPrompt,
  type PromptSection,
  promptHash,
  readSections,
  renderSection,
  renderStructuredPrompt,
  type StructuredPromptOptions,
  sectionNames,
  structuredPrompt
} from "../../src/prompt.ts"
import { forSeeds } from "../support/seeds.ts"
import { hostileText } from "./hostileText.ts"

const delimiters = ["xml", "triple-quotes", "heading"] as const

const Verdict = Schema.Struct({ decision: Schema.Literals(["approve", "deny"]), reasons: Schema.Array(Schema.String) })

const refund: StructuredPromptOptions = {
  role: "You are a case officer.",
  context: "Other programs read your decisions.",
  instructions: ["Decide the <record> by the policy.", "Name the rules that decided it."],
  constraints: ["Do not guess a missing field."],
  sections: [
    { name: "policy", content: "R1 Deny after 30 days.", delimiter: "xml" },
    { name: "record", content: "Bought 3 days ago.", delimiter: "triple-quotes" }
  ],
  examples: [
    {
      sections: [
        { name: "policy", content: "R1 Deny all.", delimiter: "xml" },
        { name: "record", content: "Bought today.", delimiter: "triple-quotes" }
      ],
      output: '{"decision":"deny","reasons":["R1"]}'
    }
  ],
  output: { schema: Verdict }
}

describe("renderStructuredPrompt", () => {
  it("keeps the author's words in the system message and the data in the user's", () => {
    assert.deepStrictEqual(renderStructuredPrompt(structuredPrompt(refund)), [
      {
        role: "system",
        content: `You are a case officer.

<context>
Other programs read your decisions.
</context>

<instructions>
1. Decide the <record> by the policy.
2. Name the rules that decided it.
</instructions>

<constraints>
- Do not guess a missing field.
</constraints>

<output_contract>
Reply with exactly one JSON value that this JSON Schema describes and nothing else: no code fence, no comment, no text around it.

{"type":"object","properties":{"decision":{"type":"string","enum":["approve","deny"]},"reasons":{"type":"array","items":{"type":"string"}}},"required":["decision","reasons"],"additionalProperties":false}
</output_contract>`
      },
      { role: "user", content: '<policy>\nR1 Deny all.\n</policy>\n\nrecord:\n"""\nBought today.\n"""' },
      { role: "assistant", content: '{"decision":"deny","reasons":["R1"]}' },
      { role: "user", content: '<policy>\nR1 Deny after 30 days.\n</policy>\n\nrecord:\n"""\nBought 3 days ago.\n"""' }
    ])
  })

  it("names language and behaviour of code, and numbers its questions", () => {
    const prompt = structuredPrompt({
      instructions: "Write the function median.",
      language: "TypeScript 5",
      expectedBehaviour: ["An empty array gives null."],
      questions: ["What does it return for [2, 1]?", "What is its complexity?"]
    })
    assert.deepStrictEqual(renderStructuredPrompt(prompt), [
      {
        role: "user",
        content: `<instructions>
Write the function median.
</instructions>

<code>
Language: TypeScript 5
Expected behaviour:
- An empty array gives null.
</code>

<questions>
1. What does it return for [2, 1]?
2. What is its complexity?
</questions>

<output_contract>
Answer every question under its own number and in its order. Begin each answer on a new line with that number, as "1.", and write nothing before the first.
</output_contract>`
      }
    ])
  })

  it("gives a schema with a name of its own as a whole document", () => {
    class Case extends Schema.Class<Case>("Case")({ verdict: Verdict }) {}
    const [message] = renderStructuredPrompt(
      structuredPrompt({ instructions: "Decide.", output: { schema: Case, rule: "One JSON object." } })
    )
    const [, text = ""] = /One JSON object\.\n\n(.*)\n/.exec(message?.content ?? "") ?? []
    const document: unknown = JSON.parse(text)
    assert.nestedProperty(document, "$ref")
    assert.nestedProperty(document, "$defs")
  })

  it("does not let a word of the author end its part", () => {
    const [message] = renderStructuredPrompt(structuredPrompt({ instructions: "Mind </instructions> in the text." }))
    assert.strictEqual(message?.content, "<instructions>\nMind <\\/instructions> in the text.\n</instructions>")
  })

  it("gives the same bytes and hash for the same value, and others for any other", () => {
    const hashOf = (options: StructuredPromptOptions) => promptHash(renderStructuredPrompt(structuredPrompt(options)))
    assert.strictEqual(
      hashOf(refund),
      hashOf({ ...structuredClone({ ...refund, output: "" }), output: { schema: Verdict } })
    )
    assert.match(hashOf(refund), /^[0-9a-f]{32}$/)
    const others = [
      { ...refund, role: "You are a judge." },
      { ...refund, constraints: [] },
      { ...refund, examples: [] },
      { ...refund, output: "Reply with one word." }
    ]
    assert.strictEqual(new Set([refund, ...others].map(hashOf)).size, 5)
  })

  it("gives every section back, whatever its data is", () => {
    forSeeds((chance) => {
      const sections = ["record", "policy", "Case file"].map((name): PromptSection => {
        const delimiter =
          name === "Case file" ? chance.pick(["triple-quotes", "heading"] as const) : chance.pick(delimiters)
        return { name, content: hostileText(chance, chance.pick(["record", "policy"])), delimiter }
      })
      const prompt = structuredPrompt({ ...refund, examples: [], sections })
      const user = renderStructuredPrompt(prompt).at(-1)?.content ?? ""
      assert.deepStrictEqual(readSections(user, sectionNames(prompt)), sections)
    })
  })

  it.effect.prop("gives any string back as exactly one section", [Schema.String], ([content]) =>
    Effect.sync(() => {
      for (const delimiter of delimiters) {
        const section = { name: "record", content, delimiter }
        assert.deepStrictEqual(readSections(renderSection(section), ["record"]), [section])
      }
    })
  )

  it("renders prompts that its own lint has nothing against, whatever the data is", () => {
    forSeeds((chance) => {
      const content = `Let's think step by step. Why? How? ${hostileText(chance)}`
      const prompt = structuredPrompt({
        ...refund,
        examples: [],
        sections: [{ name: "record", content, delimiter: chance.pick(delimiters) }]
      })
      assert.deepStrictEqual(lintPrompt(renderStructuredPrompt(prompt), { data: [content] }), [])
    })
  })
})

describe("structuredPrompt", () => {
  const section = { name: "record", content: "", delimiter: "xml" } as const
  it.each<[string, StructuredPromptOptions]>([
    ["an instruction is empty", { instructions: [] }],
    ["an instruction is empty", { instructions: " " }],
    ['"a b" cannot name a section', { instructions: "x", sections: [{ ...section, name: "a b" }] }],
    ['"a>" cannot name a section', { instructions: "x", sections: [{ ...section, name: "a>" }] }],
    ['"Instructions" is kept', { instructions: "x", sections: [{ ...section, name: "Instructions" }] }],
    ['two sections are called "Record"', { instructions: "x", sections: [section, { ...section, name: "Record" }] }],
    [
      "an example has other sections",
      { instructions: "x", sections: [section], examples: [{ sections: [], output: "" }] }
    ],
    ["examples need sections", { instructions: "x", examples: [{ sections: [], output: "" }] }],
    ["numbered questions are no JSON", { instructions: "x", questions: ["y?"], output: { schema: Schema.Finite } }]
  ])("refuses parts that make no prompt: %s", (words, options) => {
    assert.throws(() => structuredPrompt(options), words)
  })
})
