import { describe, expect, it } from "vitest"
import { readPrompt } from "../../src/internal/readPrompt.ts"

const read = (content: string, role = "user") => readPrompt([{ role, content }])

describe("the quality of a prompt", () => {
  it("is nothing for one plain line", () => {
    expect(read("A crate holds 12 jars. How many jars are in 7 crates?").quality).toBe(0)
  })

  it.each([
    ["an XML tag", "<question>How many?</question>"],
    ["triple quotes", 'Summarise """the text""".'],
    ["a fence", "Fix this:\n```\ncode\n```"],
    ["a header", "### Task\nCount."],
    ["a role", "You are an accountant. Count."],
    ["numbered steps", "1. Read.\n2. Count."],
    ["sub-questions", "a) How many jars?\nb) How many lids?"],
    ["a bare contract", "How many? Answer with only the number."],
    ["a last line", "How many? The final line holds the number."],
    ["named JSON keys", 'Return JSON with the keys "label" and "reason".']
  ])("rises with %s", (_, content) => {
    expect(read(content).quality).toBeGreaterThanOrEqual(0.2)
    expect(read(content).quality).toBeLessThan(0.6)
  })

  it("rises with a system message", () => {
    expect(read("Count.", "system").quality).toBe(0.2)
  })

  it("is 1 with all of them", () => {
    expect(read("You are a clerk.\n1. Read.\n<text>…</text>\nEnd with `Answer: <number>`.").quality).toBe(1)
  })
})

it.each([
  ["Write \\boxed{n} at the end.", { kind: "box" }],
  ["Put it in <answer>…</answer>.", { kind: "tag", tag: "answer" }],
  ["End with `Answer: <number>`.", { kind: "label", label: "Answer:" }],
  ["Close with #### <number>", { kind: "label", label: "####" }],
  ["How many jars are there?", undefined]
])("finds the place that %j asks for", (content, place) => {
  expect(read(content).contract.place).toEqual(place)
})

it("reads a hostile megabyte in time that grows with its length", () => {
  const timeOf = (length: number) => {
    const started = performance.now()
    for (const piece of ["answer ", "1 ", '"a', "first ", "<a", "json "]) read(piece.repeat(length / piece.length))
    return performance.now() - started
  }
  const bestOf = (length: number) => Math.min(timeOf(length), timeOf(length), timeOf(length))
  // Twenty times the length takes twenty times the time when it is linear and four hundred when it is quadratic.
  expect(bestOf(400_000) / bestOf(20_000)).toBeLessThan(100)
})
