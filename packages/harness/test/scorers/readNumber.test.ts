import { describe, expect, it } from "vitest"
import { lastNumber, numeric, readNumber } from "../../src/index.ts"
import { fastest, hostile } from "../support/hostile.ts"

const read = (output: string) => readNumber(output)?.value

describe("readNumber", () => {
  it.each<[string, number | undefined]>([
    // Boxes.
    ["\\boxed{42}", 42],
    ["First \\boxed{7}, no: \\boxed{42}. Done in 2 steps.", 42],
    ["\\boxed{\\text{Answer: } 42}", 42],
    ["\\boxed{\\mathbf{\\text{x}} = {5}}", 5],
    ["\\boxed{\\frac{84}{2}}", 42],
    ["\\boxed{-\\dfrac{1}{2}}", -0.5],
    ["\\boxed{3/4}", 0.75],
    ["\\boxed{42\\,\\text{cm}^2}", 42],
    ["\\boxed{12{,}345}", 12_345],
    ["\\boxed{12\\,345}", 12_345],
    ["\\boxed{\\$1{,}200}", 1200],
    ["\\boxed{} so it is 9", 9],
    ["\\boxed{none}, but 8", 8],
    ["cut off: \\boxed{42", 42],
    // Stated answers.
    ["Answer: **42**", 42],
    ["**Answer:** $-5$", -5],
    ["The answer is 42.\nCheck: 40 + 2 and 6 × 8", 42],
    ["The final answer is therefore 42, since 6 × 7 = 43 is wrong", 42],
    ["The answer is 42 because x = 3 and y = 14", 42],
    ["The answer is 2 × 21 = 42.", 42],
    ["The total cost is 3 apples × 2 dollars = 6 dollars", 6],
    ["**Answer: 42**\nCheck: the total is 50 - 8 = 41", 42],
    ["Answer: 41. No, answer: 42. That took 3 tries", 42],
    ["Answer:\n\n42", 42],
    ["The result: 1,234.5 in all, of 9", 1234.5],
    ["The answer is none. Perhaps 3", 3],
    // The last number.
    ["It is 41, or 42.", 42],
    ["so it is 42.", 42],
    ["1.", 1],
    ["3.14.", 3.14],
    ["_42_ and __43__", 43],
    ["costs $1,234.50.", 1234.5],
    ["-$5", -5],
    ["45%", 45],
    ["1,234,567.89", 1_234_567.89],
    ["1, 2, 3", 3],
    ["the area is 12 cm^2", 12],
    ["12 m^{2}", 12],
    [".5", 0.5],
    // Signs.
    ["-3", -3],
    ["−7", -7],
    ["x = -3", -3],
    ["x = +3", 3],
    ["10-20", 20],
    ["a well-5", 5],
    ["(2)-5", 5],
    ["2^{3}-5", 5],
    ["é-5", 5],
    ["- 5", 5],
    // Exponents.
    ["1.5e3", 1500],
    ["2E-3", 0.002],
    ["3 × 10^8", 3e8],
    ["3 \\times 10^{-2}", 0.03],
    // Nothing.
    ["no digits here", undefined],
    ["", undefined],
    ["...", undefined],
    ["1e999", undefined]
  ])("reads %j as %j", (output, value) => {
    expect(read(output)).toBe(value)
  })

  it("finds any number that ends any prose", () => {
    for (const number of [0, 7, -7, 12.5, -0.25, 1_000_000, 123_456.75]) {
      for (const prose of ["So it is ", "x =", "**", "Values 3, 4 and\n", "("]) {
        expect(read(`${prose}${number}`)).toBe(number)
        expect(read(`${prose}${number}.`)).toBe(number)
        expect(read(`${prose}${number.toLocaleString("en-US", { maximumFractionDigits: 9 })} `)).toBe(number)
      }
    }
  })

  it("says where it read", () => {
    expect(readNumber("\\boxed{1}")?.from).toBe("a box")
    expect(readNumber("Answer: 1")?.from).toBe("the stated answer")
    expect(readNumber("1")).toEqual({ value: 1, text: "1", from: "the last number" })
  })

  it("reads the end of a long output", () => {
    expect(read(`Answer: 1\n${"x ".repeat(20_000)} 2`)).toBe(2)
  })

  it.each(
    hostile([
      "1",
      "1,",
      ",123",
      "\\boxed{",
      "\\boxed{{}",
      "{}",
      "answer is ",
      "answer 1=",
      "-",
      ".",
      "1e",
      "1 ×",
      "\\frac{1",
      "{,}",
      " "
    ])
  )("reads a million characters of %j within 50 ms", (_, output) => {
    readNumber(output)
    expect(fastest(() => readNumber(output))).toBeLessThan(50)
    expect(fastest(() => readNumber(`\\boxed${output}`))).toBeLessThan(50)
  })
})

describe("lastNumber", () => {
  it("takes the last number without looking for an answer", () => {
    expect(lastNumber("Answer: 1, \\boxed{2}, 3 kg")).toEqual({ value: 3, text: "3" })
    expect(lastNumber("none")).toBeUndefined()
  })
})

describe("numeric", () => {
  const score = (output: string, target: number, tolerance?: number) =>
    numeric(tolerance === undefined ? {} : { tolerance }).score({ sampleId: "s", input: {}, target, output })

  it("is right within the tolerance and wrong beyond it", () => {
    expect(score("42", 42)).toMatchObject({ value: 1 })
    expect(score("42.001", 42)).toMatchObject({ value: 0 })
    expect(score("42.005", 42, 0.005)).toMatchObject({ value: 1 })
    expect(score("42.0051", 42, 0.005)).toMatchObject({ value: 0 })
    expect(score("-42", 42)).toMatchObject({ value: 0 })
  })

  it("forgives the last place of decimals, which no author means", () => {
    expect(score(String(0.1 + 0.2), 0.3)).toMatchObject({ value: 1 })
  })

  it("scores an output without a number zero and says so", () => {
    expect(score("I cannot tell.", 42)).toEqual({ _tag: "Scored", value: 0, explanation: "The output has no number." })
  })

  it("says what it read, where, and what was right", () => {
    expect(score("Answer: 1,000", 42)).toEqual({
      _tag: "Scored",
      value: 0,
      explanation: "Read 1,000 from the stated answer; the target is 42.",
      details: { answer: 1000, from: "the stated answer" }
    })
  })
})
