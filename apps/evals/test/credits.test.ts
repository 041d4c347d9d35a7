import { existsSync, mkdirSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { DatabaseSync } from "node:sqlite"
import { describe, expect, it } from "vitest"
import { assay } from "./support/assay.ts"
import { ask, databaseOf, sumsProject } from "./support/project.ts"
import { type ExternalSimulator, startSimulator } from "./support/simulator.ts"

/** The simulator's key: to the program it is a provider like any other, whose credits count. */
const env = { SEGMIND_API_KEY: "SG_5151a7e051515151" }

interface Page {
  readonly balance: string
  readonly spend: ReadonlyArray<{
    readonly suite?: string
    readonly prompt?: string
    readonly variant?: string
    readonly kind: string
    readonly attempts: number
    readonly settled: string
    readonly held: string
    readonly simulated: boolean
  }>
  readonly held: ReadonlyArray<{
    readonly run: string
    readonly attempt: string
    readonly bound: string
    readonly likely?: { readonly amount: string; readonly calls: number }
  }>
  readonly unexplained: { readonly low: string; readonly high: string }
  readonly foreign?: { readonly amount: string }
}

const at = (simulator: ExternalSimulator, project: string) => {
  const flags = ["--base-url", simulator.url]
  return {
    run: (...more: ReadonlyArray<string>) =>
      assay(["run", "--provider", "segmind", "--soft-budget", "--seed", "7", "-j", "1", ...flags, ...more], {
        cwd: project,
        env
      }),
    credits: (...more: ReadonlyArray<string>) =>
      assay(["credits", ...more, ...(more[0] === "resolve" ? [] : flags)], { cwd: project, env }),
    page: async (): Promise<Page> =>
      JSON.parse((await assay(["credits", "--json", ...flags], { cwd: project, env })).stdout)
  }
}

const pico = (decimal: string): bigint => {
  const [whole = "0", fraction = ""] = decimal.replace("-", "").split(".")
  return BigInt(whole + fraction.padEnd(12, "0")) * (decimal.startsWith("-") ? -1n : 1n)
}

const sum = (amounts: ReadonlyArray<string>) => amounts.reduce((total, amount) => total + pico(amount), 0n)

/** Every stored time is this much earlier, as if the run had been then. */
const agePast = (project: string, millis: number) => {
  const database = new DatabaseSync(databaseOf(project))
  database.exec(`UPDATE attempt SET reserved_at = reserved_at - ${millis}; UPDATE ledger_entry SET at = at - ${millis}`)
  database.close()
}

const writeProfile = (project: string, baseUrl: string, dropIsCost: boolean) => {
  const file = join(project, ".assay", "profiles.json")
  mkdirSync(dirname(file), { recursive: true })
  const profile = {
    provider: "segmind",
    baseUrl,
    model: "o3-mini",
    probedAt: "2026-11-24T00:00:00.000Z",
    answers: "yes",
    capHonoured: true,
    reasoningTokens: null,
    markupPercent: 100,
    balanceHeader: "either",
    dropIsCost,
    stampsAfterCharge: true,
    abortedCharged: true,
    resetFormat: null,
    headers: { answer: [], refusedKey: [] },
    temperatureReply: null
  }
  writeFileSync(file, JSON.stringify({ version: 1, profiles: [profile] }))
}

describe("assay credits", () => {
  it("tells balance and spend by suite, prompt, variant and kind, equal to the account to the last pico-credit", async () => {
    const [simulator, project] = [await startSimulator(), sumsProject()]
    const { credits, page, run } = at(simulator, project)
    expect((await run()).exit).toBe(0)
    const account = await simulator.account()
    const found = await page()
    expect(found.balance).toBe(account.balance)
    expect(sum(found.spend.map(({ settled }) => settled))).toBe(pico(account.spent))
    expect(
      found.spend.map(({ suite, prompt, variant, kind, attempts }) => [suite, prompt, variant, kind, attempts])
    ).toEqual(
      expect.arrayContaining([
        ["sums", "plain", "plain", "answer", 12],
        ["sums", "structured", "structured", "answer", 12]
      ])
    )
    expect(pico(found.unexplained.low)).toBeLessThanOrEqual(0n)
    expect(pico(found.unexplained.high)).toBeGreaterThanOrEqual(0n)
    const said = await credits()
    expect(said).toMatchObject({ exit: 0, stderr: "" })
    expect(said.stdout).toContain(`balance      ${account.balance} credits at segmind`)
    expect(said.stdout).toMatch(/unexplained {2}0 credits since .*: the account and the ledger agree/)
    expect(said.stdout).toContain(`in all ${account.spent} credits`)
  })

  it("prints what is unexplained as a number, and how much of it others surely spent", async () => {
    const [simulator, project] = [await startSimulator(), sumsProject()]
    await simulator.faults({ 9: { _tag: "SpendElsewhere", amount: "0.5" } })
    const { credits, page, run } = at(simulator, project)
    expect((await run()).exit).toBe(0)
    const found = await page()
    expect(pico(found.unexplained.low)).toBeLessThanOrEqual(pico("0.5"))
    expect(pico(found.unexplained.high)).toBeGreaterThanOrEqual(pico("0.5"))
    expect(pico(found.unexplained.high) - pico(found.unexplained.low)).toBeLessThan(pico("0.00001"))
    expect(pico(found.foreign?.amount ?? "0")).toBeGreaterThan(pico("0.49"))
    expect(pico(found.foreign?.amount ?? "0")).toBeLessThanOrEqual(pico("0.5"))
    expect((await credits()).stdout).toMatch(/unexplained {2}0\.5 credits since .*, give or take 0\.00000\d+$/m)
  })

  it("never adds simulated credits to real ones, and says why the balance is not known", async () => {
    const project = sumsProject()
    expect((await assay(["run", "--provider", "simulator", "-n", "1"], { cwd: project })).exit).toBe(0)
    const { stdout, exit } = await assay(["credits"], { cwd: project })
    expect(exit).toBe(0)
    expect(stdout).toContain("balance      not known: no SEGMIND_API_KEY in the environment")
    expect(stdout).toMatch(/in all [\d.]+ simulated credits, which cost nothing/)
    expect(stdout).not.toMatch(/in all [\d.]+ credits/)
    expect(stdout).toContain("burn rate    0 credits in 24 hours")
  })

  it("before the first run says that nothing was spent, and makes no file", async () => {
    const project = sumsProject()
    const end = await assay(["credits"], { cwd: project })
    expect(end).toMatchObject({ exit: 0, stderr: "" })
    expect(end.stdout).toContain("Nothing was spent yet.")
    expect(existsSync(databaseOf(project))).toBe(false)
  })

  it("shows everything but the balance when the provider is down", async () => {
    const project = sumsProject()
    const end = await assay(["credits", "--base-url", "http://127.0.0.1:1"], { cwd: project, env })
    expect(end).toMatchObject({ exit: 0, stderr: "" })
    expect(end.stdout).toMatch(/balance {6}not known: segmind could not be reached/)
  })
})

describe("a held call", () => {
  const lostCall = async (charged: boolean) => {
    const [simulator, project] = [await startSimulator(), sumsProject()]
    await simulator.faults({ 5: { _tag: "Reset", charged } })
    const does = at(simulator, project)
    expect((await does.run()).exit).toBe(3)
    const [held] = (await does.page()).held
    return { simulator, project, does, held, name: `${held?.run}/${held?.attempt}` }
  }

  it("is listed with its bound, its likely cost and why no audit frees it yet", async () => {
    const { does, held, name } = await lostCall(true)
    expect(held?.likely?.calls).toBe(23)
    expect(pico(held?.likely?.amount ?? "0")).toBeGreaterThan(0n)
    expect(pico(held?.likely?.amount ?? "0")).toBeLessThan(pico(held?.bound ?? "0"))
    const { stdout } = await does.credits()
    expect(stdout).toContain("held: 1 call may have been charged")
    expect(stdout).toContain(
      `${name}  sums o3-mini  up to ${held?.bound}, likely ${held?.likely?.amount} (median of 23)`
    )
    expect(stdout).toContain("no audit before a probe has shown what the balance does: assay doctor --probe")
  })

  it("is settled by the user's word, and then bought again by a resume", async () => {
    const { does, held, name, project, simulator } = await lostCall(true)
    const before = pico((await simulator.account()).spent)
    const end = await does.credits("resolve", name.slice(0, -6), "--charged", "0.0007", "--json")
    expect(end.exit).toBe(0)
    expect(JSON.parse(end.stdout)).toMatchObject({ attempt: held?.attempt, held_credits: "0" })
    const [row] = ask(
      project,
      "SELECT sum(settled_pico_credits) AS settled, sum(held_pico_credits) AS held FROM v_spend"
    )
    const lost = before - (BigInt(row?.["settled"] ?? 0) - pico("0.0007"))
    expect(row?.["held"]).toBe(0n)
    expect(lost).toBeGreaterThan(0n)
    const resumed = await assay(["resume", "--base-url", simulator.url, "--soft-budget"], { cwd: project, env })
    expect(resumed.exit).toBe(0)
    expect((await does.credits("resolve", name, "--not-charged")).exit).toBe(6)
  })

  it("is freed by the user's word", async () => {
    const { does, name, project } = await lostCall(false)
    const end = await does.credits("resolve", name, "--not-charged")
    expect(end).toMatchObject({ exit: 0, stderr: "" })
    expect(end.stdout).toContain("is free")
    expect(ask(project, "SELECT state FROM attempt WHERE state = 'held'")).toEqual([])
  })

  it.each([
    { why: "both flags", more: ["--charged", "1", "--not-charged"], exit: 2 },
    { why: "no flag", more: [], exit: 2 },
    { why: "an amount that is none", more: ["--charged", "-1"], exit: 2 },
    { why: "another call", name: "zzzz/zzzz", more: ["--not-charged"], exit: 6 },
    { why: "no call", name: "zzzz", more: ["--not-charged"], exit: 2 }
  ])("stays held after a mistake: $why", async ({ exit, more, name }) => {
    const { does, name: right, project } = await lostCall(false)
    const end = await does.credits("resolve", name ?? right, ...more)
    expect(end).toMatchObject({ exit, stdout: "" })
    expect(end.stderr).toContain("kept: nothing was changed")
    expect(ask(project, "SELECT count(*) AS held FROM attempt WHERE state = 'held'")).toEqual([{ held: 1n }])
  })

  it.each([true, false])("is resolved by the account's sum when it is old enough, charged: %s", async (charged) => {
    const { does, held, project, simulator } = await lostCall(charged)
    expect((await does.credits("audit")).stdout).toContain("no probe has shown that the balance drops by the cost")
    writeProfile(project, simulator.url, true)
    expect((await does.credits("audit")).stdout).toContain("the provider may still charge a held call; try again after")
    agePast(project, 700_000)
    const end = await does.credits("audit", "--json")
    const { spent } = await simulator.account()
    const rows = ask(
      project,
      "SELECT sum(settled_pico_credits) AS settled, sum(held_pico_credits) AS held FROM v_spend"
    )
    expect(rows[0]?.["held"]).toBe(0n)
    const settled = BigInt(rows[0]?.["settled"] ?? 0)
    // What rounding could hide is counted against us.
    expect(settled).toBeGreaterThanOrEqual(pico(spent))
    expect(settled - pico(spent)).toBeLessThan(pico("0.00001"))
    const [resolved] = (
      JSON.parse(end.stdout) as { resolved: ReadonlyArray<{ attempt: string; charged_credits: string }> }
    ).resolved
    expect(resolved?.attempt).toBe(held?.attempt)
    expect(pico(resolved?.charged_credits ?? "0") > 0n).toBe(charged)
  })

  it("stays held when others have spent meanwhile", async () => {
    const [simulator, project] = [await startSimulator(), sumsProject()]
    await simulator.faults({ 5: { _tag: "Reset", charged: false }, 9: { _tag: "SpendElsewhere", amount: "0.5" } })
    const does = at(simulator, project)
    expect((await does.run()).exit).toBe(3)
    writeProfile(project, simulator.url, true)
    agePast(project, 700_000)
    expect((await does.credits("audit")).stdout).toContain("nothing was changed: others have spent from the account")
  })
})
