import { readFileSync } from "node:fs"
import { createSandbox, type FunctionCase } from "@assay/sandbox"
import { afterAll, describe, expect, it } from "vitest"

interface Sample {
  readonly id: string
  readonly input: { readonly task: string; readonly entry: string; readonly signature: string }
  readonly target: { readonly entry: string; readonly cases: ReadonlyArray<FunctionCase> }
  readonly difficulty: number
  readonly simulation: { readonly solution: string; readonly wrong: ReadonlyArray<string> }
}

const read = (path: string) => readFileSync(new URL(`../${path}`, import.meta.url), "utf8")
const samples = read("samples.jsonl")
  .trimEnd()
  .split("\n")
  .map((line): Sample => JSON.parse(line))

const sandbox = createSandbox()
afterAll(() => sandbox.close())

describe("coding samples", () => {
  it("have unique ids that are numbered in order", () => {
    expect(new Set(samples.map(({ id }) => id)).size).toBe(samples.length)
    samples.forEach(({ id }, index) => {
      expect(id).toMatch(new RegExp(`^${String(index + 1).padStart(3, "0")}-[a-z-]+$`))
    })
  })

  it("spread over easy and hard", () => {
    expect(samples.length).toBeGreaterThanOrEqual(24)
    expect(samples.every(({ difficulty }) => difficulty >= 0.1 && difficulty <= 0.9)).toBe(true)
    expect(samples.filter(({ difficulty }) => difficulty < 0.35).length).toBeGreaterThanOrEqual(5)
    expect(samples.filter(({ difficulty }) => difficulty > 0.65).length).toBeGreaterThanOrEqual(5)
  })

  it.each(samples)("$id names one function everywhere and has at least six different cases", ({ input, target }) => {
    expect(target.entry).toBe(input.entry)
    expect(input.signature.startsWith(`function ${input.entry}(`)).toBe(true)
    expect(new Set(target.cases.map((one) => JSON.stringify(one.arguments))).size).toBe(target.cases.length)
    expect(target.cases.length).toBeGreaterThanOrEqual(6)
  })

  it.each(samples)("$id has a reference solution that passes every case", async ({ simulation, target }) => {
    expect(await failuresOf(simulation.solution, target)).toEqual([])
  })

  it.each(samples)("$id has cases that catch each of its broken solutions", async ({ simulation, target }) => {
    expect(simulation.wrong.length).toBeGreaterThanOrEqual(2)
    const broken = await Promise.all(simulation.wrong.map((source) => failuresOf(source, target)))
    for (const failures of broken) expect(failures).not.toHaveLength(0)
    expect(broken.filter((failures) => failures.includes("LoadFailed")).length).toBeLessThan(2)
  })

  it.each(samples)("$id shows the model no hidden case and no solution", ({ input, simulation, target }) => {
    const tight = (text: string) => text.replaceAll(/([,:]) +/g, "$1")
    // Very short arguments, such as an empty string, occur in any prose.
    const given = target.cases
      .map((one) => JSON.stringify(one.arguments).slice(1, -1))
      .filter(({ length }) => length > 5)
    expect(given).not.toHaveLength(0)
    for (const hidden of given) expect(tight(input.task)).not.toContain(tight(hidden))
    expect(JSON.stringify(input)).not.toContain(JSON.stringify(simulation.solution).slice(1, -1))
  })

  it.each(["plain", "structured"])("give the %s prompt every variable that it names", (prompt) => {
    const variables = [...read(`prompts/${prompt}.md`).matchAll(/\{\{(\w+)\}\}/g)].map(([, name]) => String(name))
    expect(variables).not.toHaveLength(0)
    for (const { input } of samples) {
      for (const variable of variables) expect(Object.entries(input).map(([name]) => name)).toContain(variable)
    }
  })
})

/** What is wrong with a solution: the failed cases by name, or how the sandbox had to stop it. A fault of the sandbox throws. */
async function failuresOf(source: string, target: Sample["target"]): Promise<ReadonlyArray<string>> {
  const outcome = await sandbox.runFunctionTests({ language: "javascript", source, ...target })
  if (outcome._tag === "SandboxFailed") throw new Error(outcome.message)
  if (outcome._tag !== "Ran") return [outcome._tag]
  return outcome.results.filter(({ passed }) => !passed).map(({ name }) => name)
}
