import { describe, expect, it } from "vitest"
import { exact } from "../../src/index.ts"

const score = (output: string, target: string, options?: { readonly ignoreCase?: boolean }) =>
  exact(options).score({ sampleId: "s", input: {}, target, output })

describe("exact", () => {
  it("is right when the output is the target, whatever space is around it", () => {
    expect(score(" Paris\n", "Paris")).toEqual({ _tag: "Scored", value: 1, explanation: "The output is the target." })
    expect(score("Paris", " Paris ")).toMatchObject({ value: 1 })
  })

  it("is wrong for anything more, less or other", () => {
    for (const output of ["Paris.", "Pari", "It is Paris", "Pa ris"]) {
      expect(score(output, "Paris")).toMatchObject({ value: 0, explanation: 'The output is not the target "Paris".' })
    }
  })

  it("minds letter case unless it is told not to", () => {
    expect(score("paris", "Paris")).toMatchObject({ value: 0 })
    expect(score("PARIS", "Paris", { ignoreCase: true })).toMatchObject({ value: 1 })
  })

  it("says that an output is empty", () => {
    expect(score(" \n", "Paris")).toMatchObject({ value: 0, explanation: "The output is empty." })
  })
})
