// The gateway of these tests answers late by a timer, as a server does.
// @effect-diagnostics globalTimers:off
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs"
import { createServer, type IncomingMessage, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"
import { dirname, join } from "node:path"
import { segmind } from "@assay/core"
import { Redacted } from "effect"
import { describe, expect, it, onTestFinished } from "vitest"
import { type ProviderProfile, unprobedModels, withProfiles } from "../src/doctor/ProviderProfile.ts"
import { assay } from "./support/assay.ts"
import { ask, databaseOf, sumsProject } from "./support/project.ts"
import { startSimulator } from "./support/simulator.ts"

const key = "SG_5151a7e051515151"
const env = { SEGMIND_API_KEY: key }

interface Found {
  readonly checks: ReadonlyArray<{
    readonly name: string
    readonly state: string
    readonly detail: string
    readonly fix?: string
  }>
  readonly profile: Readonly<Record<string, unknown>> | null
}

const stateOf = (stdout: string, name: string) =>
  (JSON.parse(stdout) as Found).checks.find((check) => check.name === name)?.state

describe("assay doctor", () => {
  it("finds nothing wrong where all is well, for free", async () => {
    const [simulator, project] = [await startSimulator(), sumsProject()]
    const end = await assay(["doctor", "--base-url", simulator.url], { cwd: project, env })
    expect(end).toMatchObject({ exit: 0, stderr: "" })
    for (const name of ["node", "terminal", "project", "database", "sandbox", "key", "provider"]) {
      expect(end.stdout).toMatch(new RegExp(`^✔ ${name} `, "m"))
    }
    expect(end.stdout).toMatch(/^! profile .*never probed.*\n.*fix: assay doctor --probe$/m)
    expect(await simulator.account()).toMatchObject({ calls: 0 })
    expect(existsSync(databaseOf(project))).toBe(false)
  })

  it("warns without a key, and fails without one in CI", async () => {
    const project = sumsProject()
    const alone = await assay(["doctor", "--json"], { cwd: project })
    expect([alone.exit, stateOf(alone.stdout, "key")]).toEqual([0, "warning"])
    const inCi = await assay(["doctor", "--json"], { cwd: project, env: { CI: "1" } })
    expect([inCi.exit, stateOf(inCi.stdout, "key")]).toEqual([4, "failed"])
    expect(inCi.stderr).toContain("error[E1601]: one check failed: key\n  fix:  export SEGMIND_API_KEY=<your key>")
  })

  it.each([
    { what: "a refused key", flags: ["--api-key", "SG_fedcba9876543210"], exit: 4, state: "failed" },
    { what: "an empty account", flags: ["--credits", "0"], exit: 0, state: "warning" }
  ])("tells $what", async ({ exit, flags, state }) => {
    const [simulator, project] = [await startSimulator(flags), sumsProject()]
    const end = await assay(["doctor", "--json", "--base-url", simulator.url], { cwd: project, env })
    expect([end.exit, stateOf(end.stdout, "provider")]).toEqual([exit, state])
  })

  it("tells a provider that is not there", async () => {
    const end = await assay(["doctor", "--json", "--base-url", "http://127.0.0.1:1"], { cwd: sumsProject(), env })
    expect([end.exit, stateOf(end.stdout, "provider")]).toEqual([3, "failed"])
  })

  it("tells a database that is damaged, and one that others may read", async () => {
    const project = sumsProject()
    expect((await assay(["run", "--provider", "simulator", "-n", "1"], { cwd: project })).exit).toBe(0)
    chmodSync(databaseOf(project), 0o644)
    const open = await assay(["doctor", "--json"], { cwd: project })
    expect([open.exit, stateOf(open.stdout, "database")]).toEqual([0, "warning"])
    const bytes = readFileSync(databaseOf(project))
    bytes.fill(0x55, 8192, 20_000)
    writeFileSync(databaseOf(project), bytes)
    const damaged = await assay(["doctor", "--json"], { cwd: project })
    expect([damaged.exit, stateOf(damaged.stdout, "database")]).toEqual([3, "failed"])
  })

  it("refuses a file of profiles that it does not know, and leaves it alone", async () => {
    const project = sumsProject()
    const file = join(dirname(databaseOf(project)), "profiles.json")
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, '{"version":2}')
    const end = await assay(["doctor"], { cwd: project, env })
    expect(end.exit).toBe(2)
    expect(end.stderr).toContain("error[E0111]")
    expect(readFileSync(file, "utf8")).toBe('{"version":2}')
  })
})

const probe = async (url: string, more: ReadonlyArray<string> = [], project = sumsProject()) => {
  const args = ["doctor", "--probe", "--yes", "--wait", "2", "--json", "--base-url", url, ...more]
  const end = await assay(args, { cwd: project, env })
  const profile = end.stdout === "" ? null : (JSON.parse(end.stdout) as Found).profile
  return { ...end, profile, project }
}

describe("assay doctor --probe", () => {
  it("does nothing without consent, and says what it would cost", async () => {
    const simulator = await startSimulator()
    const end = await assay(["doctor", "--probe", "--base-url", simulator.url], { cwd: sumsProject(), env })
    expect(end.exit).toBe(2)
    expect(end.stdout).toMatch(/expected under 0\.00\d+ credits, provable bound 0\.67$/m)
    expect(end.stderr).toContain("error[E0113]")
    expect(await simulator.account()).toMatchObject({ calls: 0 })
  })

  it("answers every question on the simulator with six calls, and books them to the last pico-credit", async () => {
    const simulator = await startSimulator(["--latency", "1200", "--spread", "0"])
    const { exit, profile, project, stderr } = await probe(simulator.url)
    expect(exit).toBe(0)
    expect(profile).toMatchObject({
      answers: "yes",
      cap_honoured: true,
      markup_percent: 100,
      balance_header: "either",
      drop_is_cost: true,
      stamps_after_charge: true,
      aborted_charged: true,
      reset_format: "ISO 8601",
      temperature_reply: { status: 400 }
    })
    const account = await simulator.account()
    expect(account).toMatchObject({ calls: 6, charges: 4 })
    const [spend] = ask(
      project,
      "SELECT kind, sum(settled_pico_credits) AS settled, sum(held_pico_credits) AS held FROM v_spend"
    )
    const settled = BigInt(spend?.["settled"] ?? 0)
    expect(spend).toMatchObject({ kind: "probe", held: 0n })
    expect(settled).toBe(BigInt(account.spent.replace("0.", "").padEnd(12, "0")))
    expect(stderr).toContain("given up   a call that is given up is charged all the same")
    const file = readFileSync(join(project, ".assay", "profiles.json"), "utf8")
    expect(file).toContain(simulator.url)
    expect(file).not.toContain(key)
  })

  it("keeps what a retired model answers, and stops there", async () => {
    const simulator = await startSimulator()
    await simulator.faults({ 0: { _tag: "Retired" } })
    const { exit, profile, stderr } = await probe(simulator.url)
    expect(exit).toBe(3)
    expect(profile).toMatchObject({ answers: "retired", cap_honoured: null, drop_is_cost: null })
    expect(stderr).toContain("error[E1602]: segmind does not answer to o3-mini: retired")
    expect(await simulator.account()).toMatchObject({ calls: 1, charges: 0 })
  })

  it("keeps nothing when the account cannot pay", async () => {
    const simulator = await startSimulator(["--credits", "0.000001"])
    const { exit, project } = await probe(simulator.url)
    expect(exit).toBe(5)
    expect(existsSync(join(project, ".assay", "profiles.json"))).toBe(false)
  })

  it.each<{
    readonly name: string
    readonly gateway: Partial<GatewayHabits>
    readonly found: Readonly<Record<string, unknown>>
  }>([
    { name: "as the contract assumes", gateway: {}, found: {} },
    { name: "that ignores the cap", gateway: { honoursCap: false }, found: { cap_honoured: false } },
    { name: "with a markup", gateway: { markup: 1.4 }, found: { markup_percent: 140 } },
    { name: "that ignores effort", gateway: { high: 40 }, found: { reasoning_tokens: { low: 40, high: 40 } } },
    {
      name: "whose header has free credits in it",
      gateway: { header: "credits+free" },
      found: { balance_header: "credits+free" }
    },
    { name: "that stamps before the charge", gateway: { stampsAfter: false }, found: { stamps_after_charge: false } },
    {
      name: "that takes more than it says",
      gateway: { takes: 1.5 },
      found: { drop_is_cost: false, stamps_after_charge: false }
    },
    {
      name: "that does not charge a call that was given up",
      gateway: { chargesAborted: false },
      found: { aborted_charged: false }
    },
    {
      name: "that takes a temperature",
      gateway: { temperature: true },
      found: { temperature_reply: { status: 200, text: "" } }
    },
    {
      name: "without headers of money",
      gateway: { header: "none", cost: false },
      found: { markup_percent: null, balance_header: null, drop_is_cost: null, stamps_after_charge: null }
    }
  ])("tells a gateway $name", async ({ found, gateway }) => {
    const { exit, profile, project, stderr, stdout } = await probe(await startGateway(gateway))
    expect(exit).toBe(0)
    const file = readFileSync(join(project, ".assay", "profiles.json"), "utf8")
    for (const text of [file, stdout, stderr]) expect(text).not.toContain(key)
    expect(profile).toMatchObject({
      answers: "yes",
      cap_honoured: true,
      reasoning_tokens: { low: 40, high: 200 },
      markup_percent: 100,
      balance_header: "credits",
      drop_is_cost: true,
      stamps_after_charge: true,
      aborted_charged: true,
      temperature_reply: { status: 400 },
      ...found
    })
  })
})

describe("withProfiles", () => {
  const provider = segmind(Redacted.make(key), "https://provider.invalid")
  const profile: ProviderProfile = {
    provider: "segmind",
    baseUrl: "https://provider.invalid",
    model: "o3-mini",
    probedAt: "2026-11-24T00:00:00.000Z",
    answers: "yes",
    capHonoured: true,
    reasoningTokens: null,
    markupPercent: 120,
    balanceHeader: null,
    dropIsCost: null,
    stampsAfterCharge: null,
    abortedCharged: null,
    resetFormat: null,
    headers: { answer: [], refusedKey: [] },
    temperatureReply: null
  }
  const seen = (profiles: ReadonlyArray<ProviderProfile>, ...models: ReadonlyArray<string>) => {
    const { capHonoured, markupPercent } = withProfiles(provider, profiles, models)
    return { capHonoured, markupPercent }
  }

  it("believes a probe of every model that is used, with headroom on the markup", () => {
    expect(seen([profile], "o3-mini")).toEqual({ capHonoured: true, markupPercent: 126 })
    const dearer = { ...profile, model: "o1", markupPercent: 100 }
    expect(seen([profile, dearer], "o3-mini", "o1")).toEqual({ capHonoured: true, markupPercent: 126 })
    expect(seen([dearer], "o1")).toEqual({ capHonoured: true, markupPercent: 100 })
  })

  it("keeps the cautious assumptions where one model was not probed, or told nothing", () => {
    const assumed = { capHonoured: false, markupPercent: 150 }
    expect(seen([])).toEqual(assumed)
    expect(seen([profile], "o3-mini", "o1")).toEqual(assumed)
    expect(seen([{ ...profile, baseUrl: "https://other.invalid" }], "o3-mini")).toEqual(assumed)
    expect(seen([{ ...profile, capHonoured: null, markupPercent: null }], "o3-mini")).toEqual(assumed)
    expect(seen([{ ...profile, markupPercent: 200 }], "o3-mini", "o1")).toEqual({ ...assumed, markupPercent: 210 })
  })

  it("names the models that were never probed, none of a simulator", () => {
    expect(unprobedModels(provider, [profile], ["o3-mini", "o1"])).toEqual(["o1"])
    expect(unprobedModels({ ...provider, simulated: true }, [], ["o1"])).toEqual([])
  })

  it("lets a probe refute a cap that was only trusted", () => {
    const trusted = { ...provider, capHonoured: true }
    expect(withProfiles(trusted, [{ ...profile, capHonoured: false }], ["o3-mini"]).capHonoured).toBe(false)
    expect(withProfiles(trusted, [], ["o3-mini"]).capHonoured).toBe(true)
  })
})

/** What a gateway may do otherwise than we assume. */
interface GatewayHabits {
  readonly honoursCap: boolean
  /** Times the list price. */
  readonly markup: number
  /** Times what it says a call costs. */
  readonly takes: number
  /** Reasoning tokens at high effort; 40 at low. */
  readonly high: number
  readonly header: "credits" | "credits+free" | "none"
  readonly cost: boolean
  readonly stampsAfter: boolean
  readonly chargesAborted: boolean
  readonly temperature: boolean
}

const assumed: GatewayHabits = {
  honoursCap: true,
  markup: 1,
  takes: 1,
  high: 200,
  header: "credits",
  cost: true,
  stampsAfter: true,
  chargesAborted: true,
  temperature: false
}

/**
 * The wire contract's `/v1/o3-mini` and balance (sections W1 to W4), with habits that the simulator does not have. Money
 * is in whole hundred-millionths of a credit; half a credit of the account is free credit.
 */
const startGateway = async (changes: Partial<GatewayHabits>): Promise<string> => {
  const habits = { ...assumed, ...changes }
  const free = 50_000_000
  let credits = 900_000_000
  const print = (amount: number) => (amount / 1e8).toFixed(8)

  const complete = (request: IncomingMessage, response: ServerResponse, body: string) => {
    const reply = (status: number, value: unknown, headers: Record<string, string> = {}) => {
      response.writeHead(status, { "content-type": "application/json", ...headers }).end(JSON.stringify(value))
    }
    if (request.headers["x-api-key"] !== key) return reply(401, { error: "Unauthorized" })
    const asked = JSON.parse(body) as Readonly<Record<string, unknown>>
    if ("temperature" in asked && !habits.temperature)
      return reply(400, { error: `Unsupported parameter: 'temperature' (${key})` })
    const reasoning = asked["reasoning_effort"] === "high" ? habits.high : 40
    const cap = habits.honoursCap ? Number(asked["max_completion_tokens"]) : 100_000
    const completion = Math.min(cap, reasoning + 30)
    const usage = {
      prompt_tokens: 20,
      completion_tokens: completion,
      total_tokens: 20 + completion,
      completion_tokens_details: { reasoning_tokens: Math.min(reasoning, completion) }
    }
    const cost = Math.round((20 * 110 + completion * 440) * habits.markup)
    const kind = habits.header === "credits+free" ? free : 0
    const before = credits
    setTimeout(
      () => {
        if (response.destroyed && !habits.chargesAborted) return
        credits -= Math.round(cost * habits.takes)
        const told = habits.stampsAfter ? credits : before
        reply(
          200,
          {
            id: "chatcmpl-1",
            object: "chat.completion",
            model: "o3-mini",
            choices: [
              {
                index: 0,
                message: { role: "assistant", content: "4" },
                finish_reason: completion === cap ? "length" : "stop"
              }
            ],
            usage
          },
          {
            ...(habits.cost ? { "x-cost": print(cost) } : {}),
            ...(habits.header === "none" ? {} : { "x-remaining-credits": print(told + kind) })
          }
        )
      },
      asked["reasoning_effort"] === "high" ? 900 : 50
    )
  }

  const server = createServer((request, response) => {
    if (request.method === "GET") {
      response.writeHead(200, { "content-type": "application/json" })
      response.end(`{"credits":${print(credits)},"free-credits":${print(free)}}`)
      return
    }
    let body = ""
    request.on("data", (chunk: Buffer) => {
      body += chunk.toString()
    })
    request.on("end", () => complete(request, response, body))
  })
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}
