import { existsSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, it } from "vitest"
import { assay, startAssay } from "./support/assay.ts"
import { ask, databaseOf, sumsProject } from "./support/project.ts"
import { mask, shown } from "./support/shown.ts"
import { startSimulator } from "./support/simulator.ts"

const seeded = ["run", "--provider", "simulator", "--seed", "7"]

describe("assay run", () => {
  it("on the simulator ends with a table, and with the account equal to the ledger", async () => {
    const project = sumsProject()
    const args = [...seeded, "-j", "1"]
    const end = await assay(args, { cwd: project })
    await expect(shown(args, end, project)).toMatchFileSnapshot("snapshots/run.txt")
    expect(end.exit).toBe(0)
    expect(end.stdout).toMatch(/dropped by ([\d.]+), the ledger settled \1: equal to the last pico-credit/)
    // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for.
    expect(end.stdout).not.toMatch(/[\u001b\r]/)
  })

  it("says which stand-in answers when there is no key, and how to ask the real model", async () => {
    const project = sumsProject()
    const end = await assay(["run", "-n", "1", "--seed", "7", "-j", "1"], { cwd: project })
    expect(end.exit).toBe(0)
    expect(mask(end.stdout).split("\n").slice(0, 10).join("\n")).toMatchSnapshot()
  })

  it("with the same seed in fresh databases gives the same outcomes, and with another seed others", async () => {
    const outcomes = async (seed: string) => {
      const project = sumsProject()
      const end = await assay(["run", "--provider", "simulator", "--seed", seed], { cwd: project })
      expect(end.exit).toBe(0)
      return {
        rates: ask(project, "SELECT suite, variant, passed, n, cost_pico_credits FROM v_pass_rate"),
        trials: ask(project, "SELECT variant, sample, outcome, output FROM v_trial ORDER BY variant, sample")
      }
    }
    const [first, second, other] = [await outcomes("7"), await outcomes("7"), await outcomes("8")]
    expect(second).toEqual(first)
    expect(other.trials).not.toEqual(first.trials)
  })

  it("settles to the last pico-credit what an account of another process was charged", async () => {
    const simulator = await startSimulator()
    const project = sumsProject()
    const end = await assay([...seeded, "--base-url", simulator.url], { cwd: project })
    expect(end.exit).toBe(0)
    const { charges, spent } = await simulator.account()
    const [row] = ask(project, "SELECT sum(settled_pico_credits) AS settled FROM v_spend")
    expect(charges).toBe(24)
    expect(row?.["settled"]).toBe(picoCredits(spent))
  })

  it("runs a suite that is named by its file, from anywhere, whatever package it lies in", async () => {
    const project = sumsProject({ "package.json": '{"type":"commonjs"}' })
    const elsewhere = sumsProject()
    const args = [...seeded, join(project, "evals", "sums", "suite.ts"), "-n", "1", "--db", "own.db"]
    const end = await assay(args, { cwd: elsewhere })
    expect(end).toMatchObject({ exit: 0, stderr: "" })
    expect(existsSync(join(elsewhere, "own.db"))).toBe(true)
    expect(existsSync(databaseOf(elsewhere))).toBe(false)
  })

  it("writes with --json nothing but events to standard output, without a gap, and words to standard error", async () => {
    const project = sumsProject()
    const end = await assay([...seeded, "-j", "1", "--json"], { cwd: project })
    const events = end.stdout
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as Readonly<Record<string, unknown>>)
    expect(end.exit).toBe(0)
    expect(events.map(({ seq }) => seq)).toEqual(events.map((_, index) => index + 1))
    expect(events.map(({ t }) => t)).toEqual(["run.start", ...Array<string>(24).fill("trial.end"), "run.end"])
    expect(events.every(({ v }) => v === 1)).toBe(true)
    expect(events.at(-1)).toMatchObject({ status: "completed", reason: null })
    expect(mask(end.stderr, project)).toMatchSnapshot()
  })

  it("stops in order when its reader goes away, and keeps what was paid for", async () => {
    const project = sumsProject()
    const { child, end, says } = await startAssay([...seeded, "-j", "2"], { cwd: project })
    await says(/^\d\d:\d\d:\d\d 2\/24/m)
    child.stdout?.destroy()
    const { exit, stderr } = await end
    expect(exit).toBe(143)
    expect(stderr).toMatch(/^error\[E1501\]: run \w{8} was stopped/)
    const [run] = ask(project, "SELECT status, (SELECT count(*) FROM v_trial) AS trials FROM run")
    expect(run?.["status"]).toBe("interrupted")
    expect(Number(run?.["trials"])).toBeLessThan(24)
    expect(ask(project, "SELECT count(*) AS open FROM attempt WHERE state <> 'settled'")).toEqual([{ open: 0n }])
  })
})

describe("a scorer", () => {
  it("whose reason holds escapes cannot move the cursor", async () => {
    const project = sumsProject()
    const scorer = `{ name: "hostile", version: 1, options: {}, score: () => zero("\\u001b[2J\\u001b]0;owned\\u0007bad\\r\\nworse") }`
    const suite = join(project, "evals", "sums", "suite.ts")
    const text = `import { defineSuite, Schema, zero } from "@assay/harness"
export default defineSuite({ name: "sums", input: Schema.Struct({ question: Schema.String }), target: Schema.Finite,
  samples: [{ id: "a", input: { question: "1 + 1?" }, target: 2 }], prompts: ["./prompts/plain.md"],
  settings: [{ model: "o3-mini", maxCompletionTokens: 400 }], scorers: [${scorer}] })`
    writeFileSync(suite, text)
    const end = await assay(seeded, { cwd: project })
    const show = await assay(["show"], { cwd: project })
    const why = await assay(["show", "/a"], { cwd: project })
    expect(end.stdout).toContain("bad worse")
    // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for.
    for (const { stdout } of [end, show, why]) expect(stdout).not.toMatch(/[\u0000-\u0009\u000b-\u001f]/)
  })
})

const picoCredits = (decimal: string): bigint => {
  const [whole = "0", fraction = ""] = decimal.split(".")
  return BigInt(whole + fraction.padEnd(12, "0"))
}
