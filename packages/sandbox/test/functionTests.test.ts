import { afterAll, describe, expect, it } from "vitest"
import { createSandbox, type FunctionTests } from "../src/index.ts"

const sandbox = createSandbox()
afterAll(() => sandbox.close())

const run = (source: string, rest: Partial<FunctionTests> = {}) =>
  sandbox.runFunctionTests({
    language: "javascript",
    entry: "add",
    cases: [
      { arguments: [1, 2], expected: 3 },
      { arguments: [5, 5], expected: 10 }
    ],
    ...rest,
    source
  })

/** The value that a program without parameters gives back, as the sandbox reports it. */
const reportedValue = async (body: string) => {
  const outcome = await run(`function add() { ${body} }`, { cases: [{ arguments: [], expected: "no value is this" }] })
  expect(outcome).toMatchObject({ _tag: "Ran", results: [{ passed: false }] })
  return outcome._tag === "Ran" ? (outcome.results[0]?.actual ?? outcome.results[0]?.error) : outcome
}

describe("a program that is right", () => {
  it.each([
    ["a function declaration", "function add(a, b) { return a + b }"],
    ["a constant", "const add = (a, b) => a + b"],
    ["an export", "export const add = (a, b) => a + b"],
    ["a default export", "export default function (a, b) { return a + b }"],
    [
      "a default export beside a helper",
      "const helper = () => 0; export default helper; function add(a, b) { return a + b }"
    ],
    ["module.exports", "module.exports = (a, b) => a + b"],
    ["a property of exports", "exports.add = (a, b) => a + b"],
    ["a property of the global object", "globalThis.add = (a, b) => a + b"],
    ["a module that exports nothing", "await null; function add(a, b) { return a + b }"],
    ["an async function", "const add = async (a, b) => { await null; return a + b }"],
    ["a function that waits", "const add = (a, b) => new Promise((resolve) => setTimeout(resolve, 60_000, a + b))"]
  ])("passes as %s", async (_, source) => {
    expect(await run(source)).toMatchObject({ _tag: "Ran", results: [{ passed: true }, { passed: true }] })
  })

  it("passes in TypeScript, with types to strip and with an enum to transform", async () => {
    const source = "enum Sign { plus = 1 }\nconst add = (a: number, b: number): number => a + Sign.plus * b"
    expect(await run(source, { language: "typescript" })).toMatchObject({
      _tag: "Ran",
      results: [{ passed: true }, { passed: true }]
    })
  })

  it("may recurse 5,000 calls deep", async () => {
    const source = "const add = (n) => (n === 0 ? 0 : 1 + add(n - 1))"
    const outcome = await run(source, { cases: [{ arguments: [5000], expected: 5000 }] })
    expect(outcome).toMatchObject({ results: [{ passed: true }] })
  })

  it("gets arguments of its own for every case", async () => {
    const shared = [3, 1, 2]
    const source = "const add = (list) => { list.push(0); return list.sort() }"
    const one = { arguments: [shared], expected: [0, 1, 2, 3] }
    expect(await run(source, { cases: [one, one] })).toMatchObject({ results: [{ passed: true }, { passed: true }] })
    expect(shared).toEqual([3, 1, 2])
  })
})

describe("a program that is wrong", () => {
  it("has the failing case named with its arguments, what was expected and what came", async () => {
    const outcome = await run("const add = (a, b) => a * 3 + 0 * b", {
      cases: [
        { name: "small", arguments: [1, 2], expected: 3 },
        { name: "equal", arguments: [5, 5], expected: 10 }
      ]
    })
    expect(outcome).toMatchObject({
      _tag: "Ran",
      results: [
        { name: "small", passed: true },
        { name: "equal", passed: false, arguments: [5, 5], expected: 10, actual: 15 }
      ]
    })
  })

  it("fails only the cases in which it throws, in the words of the error", async () => {
    const outcome = await run("const add = (a, b) => { if (a === b) throw new TypeError('equal'); return a + b }")
    expect(outcome).toMatchObject({ results: [{ passed: true }, { passed: false, error: "TypeError: equal" }] })
  })

  it.each([
    ["has a syntax error", "function add(a, b { return }", /SyntaxError/],
    ["throws while loading", "throw new Error('at once')", /Error: at once/],
    ["lacks the function", "const sum = 1", "The program has no function named add."],
    ["imports a module", "import fs from 'node:fs'; export const add = fs", /could not load module/]
  ])("does not load when it %s", async (_, source, message) => {
    expect(await run(source)).toEqual({
      _tag: "LoadFailed",
      message: typeof message === "string" ? message : expect.stringMatching(message)
    })
  })

  it("fails a case whose promise never settles or is rejected", async () => {
    const source = "const add = (a, b) => (a === b ? Promise.reject(new Error('no')) : new Promise(() => {}))"
    expect(await run(source)).toMatchObject({
      results: [{ error: "The promise never settles." }, { error: "Error: no" }]
    })
  })
})

describe("the limits", () => {
  it.each([
    ["an endless loop", "for (;;) {}"],
    ["a loop that swallows what stops it", "for (;;) { try { for (;;) {} } catch {} }"],
    ["an endless chain of promises", "return (async () => { for (;;) await null })()"],
    ["an endless interval", "return new Promise(() => setInterval(() => {}, 1))"]
  ])("stop %s in time", async (_, body) => {
    const outcome = await run(`function add() { ${body} }`, { limits: { wallMs: 100 } })
    expect(outcome).toEqual({ _tag: "TimedOut", limitMs: 100 })
  })

  it("stop a computation that cannot be interrupted by killing its process, and the next program passes", async () => {
    // The search goes through 2 ** 53 absent items inside one C function.
    const source = "console.log('before'); Array.prototype.includes.call({ length: 2 ** 53 - 1 }, 1)"
    const outcome = await sandbox.runProgram({ language: "javascript", source, limits: { wallMs: 100 } })
    // What was printed died with the process, which tells this end from that of a program that was interrupted.
    expect(outcome).toEqual({ _tag: "TimedOut", limitMs: 100, output: "" })
    expect(await run("const add = (a, b) => a + b")).toMatchObject({ results: [{ passed: true }, { passed: true }] })
  })

  it.each([
    ["arrays", "const all = []; for (;;) all.push(new Array(1e5).fill(7))"],
    ["buffers", "const all = []; for (;;) all.push(new ArrayBuffer(1e7))"],
    ["strings", "const all = []; for (let i = 0; ; i++) all.push(String(i).repeat(1e5))"]
  ])("stop a memory bomb of %s", async (_, body) => {
    const outcome = await run(`function add() { ${body} }`, { limits: { memoryBytes: 32 * 1024 * 1024 } })
    expect(outcome).toEqual({ _tag: "OutOfMemory", limitBytes: 32 * 1024 * 1024 })
  })

  it.each([
    ["console text", "for (let i = 0; i < 1e6; i++) console.log('flood'); return 3"],
    [
      "console text whose refusal is swallowed",
      "for (let i = 0; i < 1e4; i++) try { console.log('flood') } catch {} return 3"
    ],
    ["a long result", "return 'x'.repeat(1e6)"],
    ["a sparse array", "return new Array(1e9)"],
    ["a long error", "throw new Error('é'.repeat(1e6))"]
  ])("stop a flood of %s", async (_, body) => {
    const outcome = await run(`function add() { ${body} }`, { limits: { outputBytes: 512 } })
    expect(outcome).toEqual({ _tag: "OutputTooLarge", limitBytes: 512 })
  })

  it("refuse a value out of their bounds before anything runs", async () => {
    await expect(run("", { limits: { wallMs: 0 } })).rejects.toThrow("wallMs must be between 10 and 600000, not 0")
    await expect(run("", { limits: { memoryBytes: Number.NaN } })).rejects.toThrow("memoryBytes")
  })

  it("leave an honest program enough at their lowest memory", async () => {
    const outcome = await run("const add = (a, b) => a + b", { limits: { memoryBytes: 1024 * 1024 } })
    expect(outcome).toMatchObject({ _tag: "Ran", results: [{ passed: true }, { passed: true }] })
  })
})

describe("comparing", () => {
  it.each([
    ["-0 with 0", "return -0", 0],
    ["records in another order", "return { b: 1, a: [2] }", { a: [2], b: 1 }],
    ["an instance with a record", "return new (class { x = 1 })()", { x: 1 }],
    ["text with lone surrogates and quotes", String.raw`return "\ud800\"\\\n"`, '\ud800"\\\n'],
    ["a record with a key named __proto__", "return JSON.parse('{\"__proto__\": 1}')", JSON.parse('{"__proto__": 1}')],
    ["large and small numbers", "return [1e21, 5e-324, 0.1 + 0.2]", [1e21, 5e-324, 0.1 + 0.2]],
    ["NaN with NaN", "return NaN", Number.NaN]
  ])("takes %s as equal", async (_, body, expected) => {
    const outcome = await run(`function add() { ${body} }`, { cases: [{ arguments: [], expected }] })
    expect(outcome).toMatchObject({ results: [{ passed: true }] })
  })

  it.each([
    ["text with a number", "return '3'", 3],
    ["undefined with null", "return undefined", null],
    ["a key too many", "return { a: 1, b: undefined }", { a: 1 }],
    ["a shorter list", "return [1]", [1, 2]],
    ["a list with a record", "return [1]", { 0: 1 }],
    ["a Set with a list", "return new Set([1])", [1]],
    ["a boxed number with a number", "return new Number(3)", 3],
    ["an inherited key with an own one", "return Object.create({ a: 1 })", { a: 1 }],
    ["a getter with a value", "return { get a() { return 1 } }", { a: 1 }],
    ["a number just off", "return 0.1 + 0.2", 0.3]
  ])("takes %s as different", async (_, body, expected) => {
    const outcome = await run(`function add() { ${body} }`, { cases: [{ arguments: [], expected }] })
    expect(outcome).toMatchObject({ _tag: "Ran", results: [{ passed: false }] })
  })

  it("allows numbers their tolerance, at any depth", async () => {
    const cases = [{ arguments: [], expected: { list: [0.3] }, tolerance: 1e-9 }]
    expect(await run("const add = () => ({ list: [0.1 + 0.2] })", { cases })).toMatchObject({
      results: [{ passed: true }]
    })
  })

  it.each([
    ["return undefined", "undefined"],
    ["return [NaN, -Infinity, 10n]", "[NaN, -Infinity, 10n]"],
    ["return new Map([['a', new Set([1])]])", 'Map {"a" => Set {1}}'],
    ["return { at: new Date(0) }", "{at: Date(1970-01-01T00:00:00.000Z)}"],
    ["return [, () => 1]", "[undefined, [function]]"],
    ["return new RangeError('far')", "[RangeError: far]"]
  ])("shows what is not JSON: %s", async (body, shown) => {
    expect(await reportedValue(body)).toEqual({ _tag: "NotJson", shown })
  })
})
