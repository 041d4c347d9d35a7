import { describe, expect, it } from "vitest"
import { extractCode } from "../../src/code.ts"
import { fastest, hostile } from "../support/hostile.ts"

const fence = "```"
const block = (source: string, language = "js") => `${fence}${language}\n${source}\n${fence}\n`

describe("extractCode", () => {
  it("takes the block that defines the function", () => {
    expect(extractCode(`Sure.\n${block("const add = (a, b) => a + b")}Bye.`, "add")).toEqual({
      source: "const add = (a, b) => a + b",
      language: "javascript",
      from: "a fenced block that defines it"
    })
  })

  it("takes the last of several definitions, since models correct themselves", () => {
    const output = block("function add() { return 1 }") + block("function add() { return 2 }")
    expect(extractCode(output, "add")?.source).toBe("function add() { return 2 }")
  })

  it("does not take an example of use for the function", () => {
    const output = block("function add(a, b) { return a + b }") + block("console.log(add(1, 2)) // add gives 3")
    expect(extractCode(output, "add")?.source).toBe("function add(a, b) { return a + b }")
  })

  it.each([
    "function add() {}",
    "async function add() {}",
    "function* add() {}",
    "function *add() {}",
    "export default function add() {}",
    "let add = 1",
    "class add {}",
    "exports.add = () => 1",
    "export { sum as add }"
  ])("sees a definition in %s", (source) => {
    expect(extractCode(block(source) + block("other"), "add")?.source).toBe(source)
  })

  it.each(["function addAll() {}", "const readd = 1", "add == 1", "(add) => 1", "function $add() {}"])(
    "sees none in %s",
    (source) => {
      expect(extractCode(block(source) + block("other"), "add")?.source).toBe("other")
    }
  )

  it("finds a name that has a meaning in patterns", () => {
    expect(extractCode(block("const $sum = 1") + block("x"), "$sum")?.source).toBe("const $sum = 1")
  })

  it("falls back to the last block, and then to an output that is nothing but code", () => {
    expect(extractCode(block("one") + block("two"), "add")?.from).toBe("the last fenced block")
    expect(extractCode("function add() {}", "add")).toEqual({
      source: "function add() {}",
      language: "javascript",
      from: "the whole output"
    })
    expect(extractCode("I cannot write add.", "add")).toBeUndefined()
    expect(extractCode("", "add")).toBeUndefined()
  })

  it.each([
    ["ts", "typescript"],
    ["TypeScript", "typescript"],
    ["js", "javascript"],
    ["", "javascript"],
    ["javascript title=x", "javascript"]
  ])("reads the language of a fence that says %j", (tag, language) => {
    expect(extractCode(block("const add = 1", tag), "add")?.language).toBe(language)
  })

  it("reads blocks that are indented, cut off, of Windows, or fenced by more than three", () => {
    expect(extractCode("1. So:\n   ```js\n   const add = 1\n   ```\n", "add")?.source).toBe("   const add = 1")
    expect(extractCode("```js\nconst add = 1\nconst", "add")?.source).toBe("const add = 1\nconst")
    expect(extractCode("```js\r\nconst add = 1\r\n```\r\n", "add")?.source.trim()).toBe("const add = 1")
    expect(extractCode("````ts\nconst add = `\n```\n`\n````\n", "add")).toMatchObject({
      source: "const add = `\n```\n`",
      language: "typescript"
    })
  })

  it.each(hostile(["`", "```\n", "```js ", " ", "a", "function ", "add ", "add = ", "\n", "const add\n"]))(
    "reads a million characters of %j within 50 ms, also in a fence",
    (_, output) => {
      expect(fastest(() => extractCode(output, "add"))).toBeLessThan(50)
      expect(fastest(() => extractCode(`${fence}${output}`, "add"))).toBeLessThan(50)
      expect(fastest(() => extractCode(`${fence}\nfunction${output}`, "add"))).toBeLessThan(50)
    }
  )
})
