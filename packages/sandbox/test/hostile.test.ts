import { existsSync, readFileSync } from "node:fs"
import { afterAll, describe, expect, it } from "vitest"
import { createSandbox } from "../src/index.ts"

interface Hostile {
  readonly name: string
  readonly kind: "res" | "host" | "integ" | "cheat"
  readonly entry: string
  readonly program: string
}

const sandbox = createSandbox()
afterAll(() => sandbox.close())

// Only a program that adds can know the third sum; the corpus's cheats would have to be told what is expected.
const cases = [
  { arguments: [1, 2], expected: 3 },
  { arguments: [5, 5], expected: 10 },
  { arguments: [40, 2], expected: 42 }
]
const attack = (program: string) =>
  sandbox.runFunctionTests({
    language: "javascript",
    source: program,
    entry: "add",
    cases,
    limits: { wallMs: 250 }
  })

/** A right program, which also looks for traces of the one before it. */
const honest = `
  const add = (a, b) => a + b
  if ({}.polluted !== undefined || typeof [].map !== "function" || JSON.stringify([1]) !== "[1]") throw new Error("traces")
  if (typeof leftBehind !== "undefined") throw new Error("traces")`

const expectHonestToPass = async (): Promise<void> => {
  expect(await attack(honest)).toMatchObject({
    _tag: "Ran",
    results: [{ passed: true }, { passed: true }, { passed: true }]
  })
}

const passes = (outcome: Awaited<ReturnType<typeof attack>>): boolean =>
  outcome._tag === "Ran" && outcome.results.every((result) => result.passed)

// The corpus is not ours to copy; it lies beside the repository where there is one.
const corpus = new URL("../../../../shared/corpora/hostile/javascript.jsonl", import.meta.url)
const programs: ReadonlyArray<Hostile> = existsSync(corpus)
  ? readFileSync(corpus, "utf8")
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line))
  : []

describe("the corpus of hostile programs", () => {
  it("is read whole", (context) => {
    context.skip(programs.length === 0, "the corpora folder is not beside this repository")
    expect(programs).toHaveLength(44)
  })

  // These two add honestly and only try to leave traces behind.
  const rightAnswers = new Set(["prototype-pollution", "settimeout-late-attack"])
  it.for(programs)("gains nothing by $name, and the next honest program passes", async ({ name, program }) => {
    const outcome = await attack(program)
    expect(outcome._tag).not.toBe("SandboxFailed")
    expect(passes(outcome)).toBe(rightAnswers.has(name))
    await expectHonestToPass()
  })
})

describe("attacks of our own", () => {
  it.each([
    ["a Proxy that claims every property", "const add = () => new Proxy({}, { get: () => 3, has: () => true })"],
    [
      "a Proxy that prints while it is read",
      "const add = () => new Proxy({}, { ownKeys() { console.log('in'); return [] } })"
    ],
    ["a Proxy that throws from every trap", "const add = () => new Proxy({}, new Proxy({}, { get() { throw 1 } }))"],
    ["a Proxy without end", "const add = () => new Proxy({}, { getPrototypeOf() { for (;;) {} } })"],
    [
      "an array with a length that runs code",
      "const add = () => new Proxy([], { getOwnPropertyDescriptor: (t, k) => k === 'length' ? { value: { valueOf() { for (;;) {} } }, writable: true } : undefined })"
    ],
    [
      "setters on Array.prototype",
      "for (let i = 0; i < 9; i++) Object.defineProperty(Array.prototype, i, { set() { leak = this } }); const add = () => [0, 0]"
    ],
    [
      "properties of descriptors",
      "Object.prototype.value = 3; Object.prototype.enumerable = true; const add = () => ({ get a() { return 1 } })"
    ],
    [
      "a thenable for every object",
      "Object.prototype.then = function (resolve) { resolve(3) }; const add = async () => ({})"
    ],
    ["a poisoned Promise", "Promise.prototype.then = () => 3; Promise.resolve = () => 3; const add = async () => 0"],
    ["a forged end of memory", "const add = () => { throw new InternalError('out of memory') }"],
    ["an array that is also a string", "const add = () => Object.assign([], { toString: () => '3', toJSON: () => 3 })"],
    ["text in the encoding of the sandbox", `const add = () => '3"}],"passed":true'`],
    ["the stack of an error", "const add = () => new Error().stack"],
    ["deep nesting in eval", "const add = () => eval('['.repeat(1e5) + ']'.repeat(1e5))"],
    ["deep nesting in the source", `const add = () => ${"[".repeat(50_000)}${"]".repeat(50_000)}`],
    [
      "deep nesting in stringify",
      "const add = () => { let o = {}; for (let i = 0; i < 1e5; i++) o = { o }; return JSON.stringify(o) }"
    ],
    ["the loader of modules", "const add = async () => (await import('node:fs')).readFileSync('/')"],
    ["a global that is left behind", "globalThis.leftBehind = 1; Array.prototype.map = null; const add = () => 0"]
  ])("gain nothing by %s, and the next honest program passes", async (_, program) => {
    const outcome = await attack(program)
    expect(outcome._tag).not.toBe("SandboxFailed")
    expect(passes(outcome)).toBe(false)
    await expectHonestToPass()
  })

  it("find no global of the host", async () => {
    const source = `const add = () => ["process", "require", "fetch", "Buffer", "WebAssembly", "Worker", "Deno", "std", "os"]
      .filter((name) => name in globalThis)`
    const outcome = await sandbox.runFunctionTests({
      language: "javascript",
      source,
      entry: "add",
      cases: [{ arguments: [], expected: [] }]
    })
    expect(outcome).toMatchObject({ results: [{ passed: true }] })
  })

  it("see nothing of the sandbox's own closures among the globals", async () => {
    const names = "Object.getOwnPropertyNames(globalThis)"
    const source = `const add = () => ${names}.filter((name) => /prelude|encoded|assay|unitsLeft|overflow/i.test(name))`
    const outcome = await sandbox.runFunctionTests({
      language: "javascript",
      source,
      entry: "add",
      cases: [{ arguments: [], expected: [] }]
    })
    expect(outcome).toMatchObject({ results: [{ passed: true }] })
  })
})
