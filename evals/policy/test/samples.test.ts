import { readFileSync } from "node:fs"
import { describe, expect, it } from "vitest"
import { type Decision, policies } from "./rules.ts"

interface Sample {
  readonly id: string
  readonly input: { readonly policy: string; readonly record: string }
  readonly target: Decision
  readonly difficulty: number
  readonly tags: ReadonlyArray<string>
  readonly simulation: { readonly wrong: ReadonlyArray<string> }
}

const read = (path: string) => readFileSync(new URL(`../${path}`, import.meta.url), "utf8")
const samples = read("samples.jsonl")
  .trimEnd()
  .split("\n")
  .map((line): Sample => JSON.parse(line))
const samplesOf = (policy: string) => samples.filter(({ tags }) => tags[0] === policy)

describe("policy samples", () => {
  it("have unique ids that are numbered in order", () => {
    expect(new Set(samples.map(({ id }) => id)).size).toBe(samples.length)
    samples.forEach(({ id }, index) => {
      expect(id).toMatch(new RegExp(`^${String(index + 1).padStart(3, "0")}-[a-z0-9-]+$`))
    })
  })

  it("spread over easy and hard", () => {
    expect(samples.length).toBeGreaterThanOrEqual(24)
    expect(samples.every(({ difficulty }) => difficulty >= 0.1 && difficulty <= 0.9)).toBe(true)
    expect(samples.filter(({ difficulty }) => difficulty < 0.35).length).toBeGreaterThanOrEqual(5)
    expect(samples.filter(({ difficulty }) => difficulty > 0.65).length).toBeGreaterThanOrEqual(5)
  })

  it.each(samples)("$id has the decision and the reasons that the policy as code gives", ({ input, tags, target }) => {
    const decide = policies.get(tags[0] ?? "")
    expect(decide?.(JSON.parse(input.record))).toEqual(target)
  })

  it.each(samples)("$id has a record in a form that people read", ({ input }) => {
    expect(JSON.stringify(JSON.parse(input.record), null, 2)).toBe(input.record)
  })

  it.each(samples)("$id has two different wrong answers of the right shape", ({ input, simulation, target }) => {
    expect(new Set([...simulation.wrong, JSON.stringify(target)]).size).toBe(3)
    for (const wrong of simulation.wrong) {
      const { decision, reasons }: Decision = JSON.parse(wrong)
      expect(decisionsOf(input.policy)).toContain(decision)
      expect(reasons).not.toHaveLength(0)
      for (const reason of reasons) expect(codesOf(input.policy)).toContain(reason)
    }
  })

  it.each([...policies.keys()])("of the %s policy share one text, and use its every rule and decision", (policy) => {
    const texts = new Set(samplesOf(policy).map(({ input }) => input.policy))
    expect(texts.size).toBe(1)
    const [text = ""] = texts
    const targets = samplesOf(policy).map(({ target }) => target)
    expect(new Set(targets.map(({ decision }) => decision))).toEqual(new Set(decisionsOf(text)))
    expect(new Set(targets.flatMap(({ reasons }) => reasons))).toEqual(new Set(codesOf(text)))
  })

  it.each(["plain", "structured"])("give the %s prompt every variable that it names", (prompt) => {
    const variables = [...read(`prompts/${prompt}.md`).matchAll(/\{\{(\w+)\}\}/g)].map(([, name]) => String(name))
    expect(variables).not.toHaveLength(0)
    for (const { input } of samples) expect(Object.keys(input)).toEqual(expect.arrayContaining(variables))
  })
})

/** The closed set that the policy's line "Decisions:" names. */
function decisionsOf(policy: string): ReadonlyArray<string> {
  const line = policy.split("\n").find((text) => text.startsWith("Decisions:")) ?? ""
  return [...line.matchAll(/"([a-z-]+)"/g)].map(([, decision]) => String(decision))
}

/** The codes at the start of the policy's rules. */
function codesOf(policy: string): ReadonlyArray<string> {
  return [...policy.matchAll(/^([A-Z]\d+) /gm)].map(([, code]) => String(code))
}
