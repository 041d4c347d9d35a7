import { readFileSync } from "node:fs"
import { describe, expect, it } from "vitest"
import { enumerate } from "./enumerate.ts"

interface Sample {
  readonly id: string
  readonly input: Readonly<Record<string, string>>
  readonly target: number
  readonly difficulty: number
  readonly tags: ReadonlyArray<string>
  readonly check: string
  readonly simulation: { readonly wrong: ReadonlyArray<string> }
}

const read = (path: string) => readFileSync(new URL(`../${path}`, import.meta.url), "utf8")
const samples = read("samples.jsonl")
  .trimEnd()
  .split("\n")
  .map((line): Sample => JSON.parse(line))

describe("math samples", () => {
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

  it.each(samples)("$id has the target that its calculation gives", ({ check, target }) => {
    expect(evaluate(check)).toBeCloseTo(target, 9)
  })

  it.each([...enumerate])("%s has the target that listing every case gives", (slug, count) => {
    const sample = samples.find(({ id }) => id.endsWith(`-${slug}`) && id.length === `000-${slug}`.length)
    expect(count()).toBeCloseTo(sample?.target ?? Number.NaN, 9)
  })

  it.each(samples)("$id has three different wrong numbers, none of them within a hundredth of the target", (sample) => {
    const wrong = sample.simulation.wrong.map(Number)
    expect(new Set(wrong).size).toBe(3)
    for (const number of wrong) expect(Math.abs(number - sample.target)).toBeGreaterThanOrEqual(0.01)
  })

  it.each(["plain", "structured"])("give the %s prompt every variable that it names", (prompt) => {
    const variables = [...read(`prompts/${prompt}.md`).matchAll(/\{\{(\w+)\}\}/g)].map(([, name]) => String(name))
    expect(variables).not.toHaveLength(0)
    for (const { input } of samples) for (const variable of variables) expect(input[variable]).toBeTypeOf("string")
  })
})

/** Only arithmetic gets through: digits, operators, brackets and three rounding functions. */
function evaluate(expression: string): unknown {
  const arithmetic = expression.replaceAll(/Math\.(ceil|floor|round)\(/g, "(")
  if (!/^[\d.+\-*/% ()]+$/.test(arithmetic)) throw new Error(`Not plain arithmetic: ${expression}`)
  return Function(`return (${expression})`)()
}
