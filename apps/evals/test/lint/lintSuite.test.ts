import { tinySuite } from "@assay/harness/testing"
import { plainStyle } from "@assay/tui/text"
import { describe, expect, it } from "vitest"
import { findingLines } from "../../src/lint/findingLines.ts"
import { lintSuite } from "../../src/lint/lintSuite.ts"

const settings = (["low", "high"] as const).map((reasoningEffort) => ({
  model: "o3-mini",
  reasoningEffort,
  maxCompletionTokens: 1000
}))
const text = "Think step by step.\n\n{{question}}\n\nAnswer yes or no."
const suite = tinySuite({ prompts: { plain: text }, settings })
const prompts = [{ file: "evals/tiny/plain.md", name: "plain", text }]

describe("lintSuite", () => {
  it("speaks once of a text that has several settings", () => {
    const findings = lintSuite(suite, prompts, new Map())
    expect(findings.map(({ file, line, rule }) => `${file}:${line} ${rule}`)).toEqual([
      "evals/tiny/plain.md:1 think-step-by-step",
      "evals/tiny/plain.md:3 undelimited-data"
    ])
  })

  it("doubts only the settings whose own results give a reason", () => {
    const results = (["low", "high"] as const).map((reasoningEffort) => ({
      model: "o3-mini",
      reasoningEffort,
      passes: 20,
      n: 25
    }))
    const hash = suite.variants[0]?.prompt.hash ?? ""
    const doubted = lintSuite(suite, prompts, new Map([[hash, results]])).filter(
      ({ rule }) => rule === "more-than-results-justify"
    )
    expect(doubted.map(({ message }) => message)).toEqual([
      "o3-mini at high passed 20 of 25 (95 %: 61–91 %) and o3-mini at low 20 of 25 (95 %: 61–91 %): these results do not show that the dearer one is better"
    ])
  })

  it("does not give a model that does not reason a reasoning model's advice", () => {
    const other = tinySuite({ prompts: { plain: text }, settings: [{ model: "gpt-4o", maxCompletionTokens: 1000 }] })
    expect(lintSuite(other, prompts, new Map()).map(({ rule }) => rule)).toEqual(["undelimited-data"])
  })
})

describe("findingLines", () => {
  it("puts a finding on a line that editors can follow, without what a prompt could do to a terminal", () => {
    const hostile = "Let's think \u001b[31mstep by step.\n{{question}} Answer yes or no {{x"
    const findings = lintSuite(suite, [{ file: "a.md", name: "plain", text: hostile }], new Map())
    expect(findingLines(findings, { suites: 1, prompts: 1 }, plainStyle)).toEqual([
      'a.md:1  think-step-by-step  "Let\'s think" asks for thinking that a reasoning model does anyway  fix: leave it out; set the reasoning effort, and say what the output must hold',
      "a.md:2  undelimited-data    {{question}} stands in the text without a delimiter around it  fix: put it into a section of its own: <question>…</question>",
      "a.md:2  unclosed-variable   error: {{x is never closed, so it is sent as it stands  fix: write {{x}}",
      "",
      "1 prompt of 1 suite: 1 error, 2 warnings."
    ])
  })

  it("says so when there is nothing to say", () => {
    expect(findingLines([], { suites: 2, prompts: 1 }, plainStyle)).toEqual([
      "1 prompt of 2 suites: nothing to say against them."
    ])
  })
})
