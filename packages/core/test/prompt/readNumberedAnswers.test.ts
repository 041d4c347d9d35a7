import { assert, describe, it } from "@effect/vitest"
import { readNumberedAnswers } from "../../src/prompt.ts"
import { forSeeds } from "../support/seeds.ts"

const read = (output: string, questions?: number) =>
  Object.fromEntries(readNumberedAnswers(output, questions === undefined ? {} : { questions }))

describe("readNumberedAnswers", () => {
  it.each([
    ["1. yes\n2. no"],
    ["1) yes\n2) no"],
    ["(1) yes\n(2) no"],
    ["1: yes\n2: no"],
    ["Q1: yes\nQ2: no"],
    ["q1. yes\nq2. no"],
    ["Question 1: yes\n\nQuestion 2: no"],
    ["Answer 1: yes\nAnswer 2: no"],
    ["A1) yes\nA2) no"],
    ["**1.** yes\n**2.** no"],
    ["**Q1:** yes\n**Q2:** no"],
    ["**Q1**: yes\n**Q2**: no"],
    ["**1** yes\n**2** no"],
    ["__1.__ yes\n__2.__ no"],
    ["### 1. yes\n\n### 2. no"],
    ["- 1. yes\n- 2. no"],
    ["Here are my answers:\n\n1. yes\n2. no"],
    ["1.\nyes\n2.\nno"],
    ["1. yes\r\n2. no\r\n"]
  ])("reads %j", (output) => {
    assert.deepStrictEqual(read(output), { 1: "yes", 2: "no" })
  })

  it("has nothing for a question that was not answered", () => {
    const answers = readNumberedAnswers("1. yes\n3. later")
    assert.strictEqual(answers.get(2), undefined)
    assert.strictEqual(answers.get(3), "later")
    assert.deepStrictEqual(read("I cannot tell."), {})
    assert.deepStrictEqual(read(""), {})
  })

  it("takes bold that goes on after the number off its heading", () => {
    assert.deepStrictEqual(read("**1. Title**\ntext\n**2. Other**"), { 1: "Title\ntext", 2: "Other" })
  })

  it("keeps lists and code inside an answer", () => {
    const list = "1. Steps:\n   1. first\n   2. second\n2. done"
    assert.deepStrictEqual(read(list), { 1: "Steps:\n   1. first\n   2. second", 2: "done" })
    assert.deepStrictEqual(read("Q1: Steps:\n1. a\n2. b\nQ2: done"), { 1: "Steps:\n1. a\n2. b", 2: "done" })
    assert.deepStrictEqual(read("1. See:\n```\n2. not this\n```\n2. this"), {
      1: "See:\n```\n2. not this\n```",
      2: "this"
    })
  })

  it("keeps a list that begins anew inside the answer before it", () => {
    assert.deepStrictEqual(read("1. yes\n2. two things:\n1. a\n2. b"), { 1: "yes", 2: "two things:\n1. a\n2. b" })
  })

  it("does not take a number in a text for an answer", () => {
    assert.deepStrictEqual(read("1. From\n3.5 metres\n12 boxes\n2. no"), { 1: "From\n3.5 metres\n12 boxes", 2: "no" })
    assert.deepStrictEqual(read("1. on the\n12. of May\n2. no", 2), { 1: "on the\n12. of May", 2: "no" })
    assert.deepStrictEqual(read("2024. was a year"), {})
  })

  it("reads back any answers of one line under their numbers", () => {
    forSeeds(({ int, pick }) => {
      const words = ["yes", "42", "3.5 m", "a: b", "(none)", "**bold**", "Q: why", "no."] as const
      const answers = Array.from({ length: 1 + int(9) }, (_, index) => ({ number: index + 1, answer: pick(words) }))
      const output = answers.map(({ number, answer }) => `${number}. ${answer}`).join(pick(["\n", "\n\n"]))
      assert.deepStrictEqual(
        Array.from(readNumberedAnswers(output), ([number, answer]) => ({ number, answer })),
        answers
      )
    })
  })
})
