import { describe, expect, it } from "vitest"
import { json, readJson } from "../../src/index.ts"
import { fastest, hostile } from "../support/hostile.ts"

describe("readJson", () => {
  it.each<[string, string, unknown]>([
    ['{"a":1}', "strict", { a: 1 }],
    [' \n{"a":{"b":[1]}}\n', "strict", { a: { b: [1] } }],
    ['Here:\n```json\n{"a":1}\n```\nBye', "fenced", { a: 1 }],
    ['```json\r\n{"a":1}\r\n```', "fenced", { a: 1 }],
    ['```\n{"a":1}\n```\nor\n```json\n{"a":2}\n```', "fenced", { a: 2 }],
    ['```json\n{"a":1}\n```\n```js\nlet x\n```', "fenced", { a: 1 }],
    ['So {"a":1} it is.', "embedded", { a: 1 }],
    ['{"a":1} or rather {"a":2}', "embedded", { a: 2 }],
    ['It is {"a":"} {"} then', "embedded", { a: "} {" }],
    ['It is {"a":"\\"}"} then', "embedded", { a: '"}' }],
    ['The set {1, 2 has {"a":1}', "embedded", { a: 1 }],
    ['{"a":1} and {no json}', "embedded", { a: 1 }],
    ['```json\n{"a":"```"}\n```', "embedded", { a: "```" }],
    ['[{"a":1}]', "embedded", { a: 1 }]
  ])("finds the object in %j as %s", (output, level, value) => {
    expect(readJson(output)).toEqual({ level, value })
  })

  it.each(["", "no json", "[1]", "42", "null", '"a"', "{a:1}", "{", "}{", '{"a":1', "```json\n[1]\n```"])(
    "finds none in %j",
    (output) => {
      expect(readJson(output)).toBeUndefined()
    }
  )

  it("refuses an object so deep that walking it would run out of stack", () => {
    const nest = (depth: number) => `{"a":${"[".repeat(depth)}${"]".repeat(depth)}}`
    expect(readJson(nest(90))?.level).toBe("strict")
    expect(readJson(nest(50_000))).toBeUndefined()
  })

  it.each(hostile(["{", "}", "{}", "{x}", '{"', '"', "```\nx", "```json\n{\n", "[", "\\", '{"a":[', "`"]))(
    "reads a million characters of %j within 50 ms",
    (_, output) => {
      expect(fastest(() => readJson(output))).toBeLessThan(50)
    }
  )
})

describe("json", () => {
  const score = (output: unknown, target: Readonly<Record<string, unknown>>) =>
    json().score({
      sampleId: "s",
      input: {},
      target,
      output: typeof output === "string" ? output : JSON.stringify(output)
    })

  it("scores the share of the target's fields that are right", () => {
    const target = { decision: "refuse", amount: 3, reasons: ["R1", "R2"] }
    expect(score(target, target)).toMatchObject({
      value: 1,
      explanation: "All fields of a strict JSON object are right."
    })
    expect(score({ ...target, amount: 4 }, target)).toMatchObject({
      value: 2 / 3,
      explanation: "In a strict JSON object, amount is 4, not 3."
    })
    expect(score({}, target)).toMatchObject({ value: 0 })
  })

  it("does not look at fields that the target does not have", () => {
    expect(score({ a: 1, why: "because" }, { a: 1 })).toMatchObject({ value: 1 })
  })

  it("compares texts without regard to case and space around them, at any depth", () => {
    expect(score({ a: " Refuse " }, { a: "refuse" })).toMatchObject({ value: 1 })
    expect(score({ a: { b: "X " } }, { a: { b: "x" } })).toMatchObject({ value: 1 })
    expect(score({ a: "re fuse" }, { a: "refuse" })).toMatchObject({ value: 0 })
  })

  it("compares arrays as sets and says what lacks and what is too much", () => {
    expect(score({ a: ["y", "x", "x"] }, { a: ["x", "Y"] })).toMatchObject({ value: 1 })
    expect(score({ a: ["x", "z"] }, { a: ["x", "y"] })).toMatchObject({
      value: 0,
      explanation: 'In a strict JSON object, a lacks "y" and has "z" too much.'
    })
    expect(score({ a: "x" }, { a: ["x"] })).toMatchObject({ explanation: expect.stringContaining("not a list") })
    expect(score({ a: [] }, { a: [] })).toMatchObject({ value: 1 })
  })

  it("compares objects whatever the order of their keys", () => {
    expect(score('{"a":{"x":1,"y":2}}', { a: { y: 2, x: 1 } })).toMatchObject({ value: 1 })
    expect(score({ a: { x: 1 } }, { a: { y: 2, x: 1 } })).toMatchObject({ value: 0 })
  })

  it.each<[unknown, unknown]>([
    ["42", 42],
    [42, "42"],
    ["true", true],
    [null, "null"],
    [0, false],
    [["1"], [1]],
    ['{"x":1}', { x: 1 }]
  ])("does not take %j for %j", (actual, expected) => {
    expect(score({ a: actual }, { a: expected })).toMatchObject({ value: 0 })
  })

  it("misses a field that objects inherit", () => {
    expect(score({}, { toString: "x" })).toMatchObject({
      explanation: "In a strict JSON object, toString is missing."
    })
  })

  it("scores an output without an object zero and says so", () => {
    expect(score("I refuse.", { a: 1 })).toMatchObject({ value: 0, explanation: "The output has no JSON object." })
  })

  it("keeps how it found the object, and an explanation that a person can read", () => {
    const many = Array.from({ length: 20_000 }, (_, index) => `reason ${index}`)
    const result = score(`Well: ${JSON.stringify({ a: ["x", ...many.slice(0, 5000)] })}`, { a: ["x"] })
    expect(result).toMatchObject({ details: { level: "embedded" } })
    expect(JSON.stringify(result).length).toBeGreaterThan(1000)
    expect((result as { explanation: string }).explanation.length).toBeLessThan(300)
  })
})
