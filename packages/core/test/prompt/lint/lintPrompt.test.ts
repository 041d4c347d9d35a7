import { assert, describe, it } from "@effect/vitest"
import { lintPrompt, lintRules } from "../../../src/prompt.ts"
import { forSeeds } from "../../support/seeds.ts"
import { hostileText } from "../hostileText.ts"
import { type Example, examples } from "./examples.ts"

const findingsOf = (example: Example, id: string) => {
  const { options, prompt } =
    typeof example === "object" && "prompt" in example ? example : { options: {}, prompt: example }
  return lintPrompt(prompt, options).filter(({ rule }) => rule === id)
}

describe.each(lintRules.map((rule) => [rule.id, rule] as const))("%s", (id, rule) => {
  const { clean, found } = examples[id] ?? { clean: [], found: [] }

  it("has at least four examples each way, and a source", () => {
    assert.isAtLeast(found.length, 4)
    assert.isAtLeast(clean.length, 4)
    assert.isAtLeast(rule.source.length, 5)
  })

  it.each(found.map((example) => [JSON.stringify(example).slice(0, 90), example] as const))(
    "speaks about %s",
    (_, example) => {
      const findings = findingsOf(example, id)
      assert.isAtLeast(findings.length, 1)
      for (const { fix, message } of findings) {
        assert.notMatch(message, /\.$|undefined|NaN/)
        assert.notMatch(fix, /\.$|undefined|NaN/)
      }
    }
  )

  it.each(clean.map((example) => [JSON.stringify(example).slice(0, 90), example] as const))(
    "has nothing against %s",
    (_, example) => {
      assert.deepStrictEqual(findingsOf(example, id), [])
    }
  )
})

describe("lintPrompt", () => {
  it("counts lines of a template from its first, over all its messages", () => {
    const template = "## system\n\nBe exact.\n\n## user\n\n\nDecide {{record\n\nby {{policy}}.\n\nAnswer yes or no.\n"
    for (const text of [template, `\uFEFF${template.replaceAll("\n", "\r\n")}`]) {
      assert.deepStrictEqual(
        lintPrompt(text).map(({ line, messageIndex, rule, severity }) => [line, messageIndex, rule, severity]),
        [
          [8, 1, "unclosed-variable", "error"],
          [10, 1, "undelimited-data", "warning"]
        ]
      )
    }
  })

  it("counts lines of messages in each message", () => {
    const findings = lintPrompt([
      { role: "system", content: "Answer yes or no.\nThink step by step." },
      { role: "user", content: "Is it\nvalid {{x" }
    ])
    assert.deepStrictEqual(
      findings.map(({ line, messageIndex, rule }) => [messageIndex, line, rule]),
      [
        [0, 2, "think-step-by-step"],
        [1, 2, "unclosed-variable"]
      ]
    )
  })

  it("gives both roles in one request as an error and a lone developer's as one too", () => {
    const severities = lintPrompt("## system\n\nBe brief.\n\n## developer\n\nBe exact.").map(({ severity }) => severity)
    assert.include(severities, "error")
  })

  it("never repeats a secret", () => {
    const [finding] = lintPrompt(`Answer yes or no. SG_${"1a2b3c4d5e6f7a8b"}`)
    assert.strictEqual(finding?.message, "what looks like a secret stands in the prompt: SG_1…")
    assert.notInclude(JSON.stringify(finding), "1a2b")
  })

  it("tells the numbers that an effort is doubted with", () => {
    const settings = { model: "o3-mini", reasoningEffort: "high" } as const
    const results = [
      { ...settings, passes: 41, n: 50 },
      { model: "o3-mini", reasoningEffort: "low", passes: 40, n: 50 }
    ] as const
    assert.deepStrictEqual(
      lintPrompt("Answer yes or no.", { settings, results }).map(({ message }) => message),
      [
        "o3-mini at high passed 41 of 50 (95 %: 69–90 %) and o3-mini at low 40 of 50 (95 %: 67–89 %): these results do not show that the dearer one is better"
      ]
    )
  })

  it("has nothing to say of an empty prompt but that it has no contract", () => {
    assert.deepStrictEqual(lintPrompt([]), [])
    assert.deepStrictEqual(
      lintPrompt("").map(({ rule }) => rule),
      ["missing-output-contract"]
    )
  })

  it("reads any text without failing, and names lines that are there", () => {
    forSeeds((chance) => {
      const text = hostileText(chance)
      const lines = text.replaceAll("\r\n", "\n").split("\n").length
      for (const { line } of lintPrompt(text)) assert.isTrue(line >= 1 && line <= lines)
    })
  })

  it("takes time in proportion to the text", () => {
    const long = 100_000
    const worst = ["{{a ", "<a>", "</a>", '"', "```", "? ", "think ", "reply ", "write a ", "# a\n", "a\n\n", " ", "\\"]
    for (const piece of worst) lintPrompt(piece.repeat(long / piece.length), { data: ["a"] })
    lintPrompt([{ role: "user", content: "a ".repeat(long / 2) }], { data: ["a", " "] })
  }, 10_000)
})
