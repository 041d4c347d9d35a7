import { describe, expect, it } from "vitest"
import { assay, startAssay } from "./support/assay.ts"
import { ask, sumsProject } from "./support/project.ts"
import { inOrder, mask, shown } from "./support/shown.ts"
import { startSimulator } from "./support/simulator.ts"

const run = ["run", "--provider", "simulator", "--seed", "7"]

const sums = (project: string) => {
  const [row] = ask(
    project,
    "SELECT limit_pico_credits, settled_pico_credits, reserved_pico_credits, held_pico_credits FROM budget"
  )
  const [limit = 0n, settled = 0n, reserved = 0n, held = 0n] = Object.values(row ?? {}).map((value) =>
    BigInt(value ?? 0)
  )
  return { limit, settled, reserved, held }
}

const count = (project: string, sql: string): number => Number(Object.values(ask(project, sql)[0] ?? {})[0])

describe("a budget that ends first", () => {
  it("stops the run before it is passed, keeps what was finished, and resume buys only the rest", async () => {
    const simulator = await startSimulator()
    const project = sumsProject()
    const args = [...run, "-j", "1", "--budget", "0.01"]
    const stopped = await assay([...args, "--base-url", simulator.url], { cwd: project })
    await expect(inOrder(shown(args, stopped, project))).toMatchFileSnapshot("snapshots/out-of-budget.txt")
    expect(stopped.exit).toBe(5)
    const { limit, settled, held, reserved } = sums(project)
    expect(limit).toBe(10_000_000_000n)
    expect(settled).toBeLessThanOrEqual(limit)
    expect(held + reserved).toBe(0n)
    const before = await simulator.account()
    expect(before.charges).toBeGreaterThan(10)
    expect(count(project, "SELECT count(*) FROM v_trial")).toBe(before.charges)

    const resume = ["resume", "--budget", "1", "-j", "1"]
    const resumed = await assay([...resume, "--base-url", simulator.url], { cwd: project })
    await expect(inOrder(shown(resume, resumed, project))).toMatchFileSnapshot("snapshots/resumed.txt")
    expect(resumed.exit).toBe(0)
    expect((await simulator.account()).calls).toBe(24)
    expect(count(project, "SELECT count(*) FROM v_trial")).toBe(24)

    // A run that is whole is not begun again.
    const again = await assay(["resume", "--base-url", simulator.url], { cwd: project })
    expect(again.exit).toBe(0)
    expect((await simulator.account()).calls).toBe(24)
  })

  it("is not passed at any concurrency, and stays reached when nothing was added", async () => {
    const project = sumsProject()
    expect((await assay([...run, "-j", "16", "--budget", "0.006"], { cwd: project })).exit).toBe(5)
    expect((await assay(["resume"], { cwd: project })).exit).toBe(5)
    const { limit, settled, held } = sums(project)
    expect(limit).toBe(6_000_000_000n)
    expect(settled + held).toBeLessThanOrEqual(limit)
  })
})

describe("a signal", () => {
  it.each([
    ["SIGINT", 130],
    ["SIGTERM", 143]
  ] as const)("%s lets calls in flight end, keeps them, and exits %i", async (signal, code) => {
    const simulator = await startSimulator(["--latency", "150", "--spread", "0"])
    const project = sumsProject()
    const { child, end, says } = await startAssay([...run, "-j", "3", "--base-url", simulator.url], { cwd: project })
    await says(/^\d\d:\d\d:\d\d \d+\/24/m)
    child.kill(signal)
    const { exit, stdout, stderr } = await end
    expect(exit).toBe(code)
    expect(stdout).toMatch(/stopping {2}.*\d calls in flight/)
    expect(mask(stderr)).toMatchSnapshot()
    const { charges, calls } = await simulator.account()
    expect(charges).toBeLessThan(24)
    expect(calls).toBe(charges)
    expect(count(project, "SELECT count(*) FROM v_trial")).toBe(charges)
    expect(sums(project)).toMatchObject({ held: 0n, reserved: 0n })
    expect(ask(project, "SELECT status FROM run")).toEqual([{ status: "interrupted" }])
  })

  it("that comes twice abandons what is in flight, holds its bounds and names them", async () => {
    const simulator = await startSimulator(["--latency", "60000", "--spread", "0"])
    const project = sumsProject()
    const { child, end, says } = await startAssay([...run, "-j", "3", "--base-url", simulator.url], { cwd: project })
    await simulator.accountWhen(({ calls }) => calls === 3)
    child.kill("SIGINT")
    await says(/stopping/)
    child.kill("SIGINT")
    const { exit, stdout, stderr } = await end
    expect(exit).toBe(130)
    expect(mask(stdout)).toMatchSnapshot()
    expect(mask(stderr)).toMatchSnapshot()
    expect(count(project, "SELECT count(*) FROM attempt WHERE state = 'held'")).toBe(3)
    const show = await assay(["show"], { cwd: project })
    expect(show.stdout).toMatch(/held .* for 3 calls without an end/)
  })

  it("before the first call ends the program at once", async () => {
    const project = sumsProject({
      "evals/sums/suite.ts": "console.log('loading')\nawait new Promise((resolve) => setTimeout(resolve, 60_000))\n"
    })
    const { child, end, says } = await startAssay(run, { cwd: project })
    await says(/loading/)
    child.kill("SIGINT")
    expect(await end).toMatchObject({ exit: 130, stderr: "" })
  })
})

describe("kill -9 in the middle of a run", () => {
  it.each([4, 16])(
    "with %i calls in flight buys nothing twice, and holds and lists what has no end",
    async (concurrency) => {
      const simulator = await startSimulator(["--latency", "250", "--spread", "0"])
      const project = sumsProject()
      const flags = ["-j", String(concurrency), "--base-url", simulator.url]
      const { child, end, says } = await startAssay([...run, ...flags, "--json"], { cwd: project })
      await says(/trial\.end/)
      await simulator.accountWhen(({ calls, reserved }) => calls > concurrency && reserved !== "0")
      child.kill("SIGKILL")
      expect((await end).signal).toBe("SIGKILL")
      // What had arrived there is charged, whether or not we still listen.
      const killed = await simulator.accountWhen(({ reserved }) => reserved === "0")
      const settledBefore = count(project, "SELECT count(*) FROM attempt WHERE state = 'settled'")
      const openBefore = count(project, "SELECT count(*) FROM attempt WHERE state = 'reserved'")
      expect(settledBefore).toBeGreaterThan(0)
      expect(openBefore).toBeGreaterThan(0)
      expect(settledBefore + openBefore).toBeGreaterThanOrEqual(killed.charges)

      const resumed = await assay(["resume", ...flags], { cwd: project })
      expect(resumed.exit).toBe(3)
      const after = await simulator.account()
      expect(after.calls - killed.calls).toBe(24 - settledBefore - openBefore)
      // Each key was bought once: a reply that had arrived, or may have, is never bought again.
      expect(count(project, "SELECT count(*) - count(DISTINCT key) FROM attempt")).toBe(0)
      const { limit, settled, held, reserved } = sums(project)
      expect(reserved).toBe(0n)
      expect(settled + held).toBeGreaterThanOrEqual(picoCredits(after.spent))
      expect(settled + held).toBeLessThanOrEqual(limit)
      const show = await assay(["show"], { cwd: project })
      for (const { name } of ask(project, "SELECT name FROM attempt WHERE state = 'held'")) {
        expect(show.stdout).toContain(`attempt ${name}`)
      }
      expect(count(project, "SELECT count(*) FROM attempt WHERE state = 'held'")).toBe(openBefore)
      const calls = openBefore === 1 ? "1 call" : `${openBefore} calls`
      expect(resumed.stdout).toContain(`for ${calls} without an end`)
      expect(show.stdout).toContain(`for ${calls} without an end`)
      expect(mask(resumed.stderr)).toContain("error[E1401]: run <run-id> is incomplete")
    }
  )
})

describe("a run at a provider with an address of its own", () => {
  const key = "SG_0123456789abcdef"
  const env = { SEGMIND_API_KEY: key }
  const segmind = ["run", "--provider", "segmind", "--soft-budget", "--seed", "7", "-j", "4"]

  it("is resumed there, without naming it again", async () => {
    const simulator = await startSimulator(["--api-key", key])
    const project = sumsProject()
    const args = [...segmind, "--base-url", simulator.url, "--budget", "0.01"]
    expect((await assay(args, { cwd: project, env })).exit).toBe(5)
    const { calls } = await simulator.account()
    expect(calls).toBeLessThan(24)
    const resumed = await assay(["resume", "--budget", "1", "--soft-budget"], { cwd: project, env })
    expect(resumed.exit).toBe(0)
    expect((await simulator.account()).calls).toBe(24)
  })

  it("that was killed and has moved is not asked twice for what is in doubt", async () => {
    const before = await startSimulator(["--api-key", key, "--latency", "60000", "--spread", "0"])
    const project = sumsProject()
    const { child, end } = await startAssay([...segmind, "--base-url", before.url], { cwd: project, env })
    // A provider that was never probed gets one call at a time first.
    await before.accountWhen(({ calls }) => calls === 1)
    child.kill("SIGKILL")
    await end
    const after = await startSimulator(["--api-key", key])
    const moved = await assay(["resume", "--soft-budget", "--base-url", after.url], { cwd: project, env })
    expect(moved.exit).toBe(3)
    expect((await after.account()).calls).toBe(23)
    expect(count(project, "SELECT count(*) FROM attempt WHERE state = 'held'")).toBe(1)
  })
})

const picoCredits = (decimal: string): bigint => {
  const [whole = "0", fraction = ""] = decimal.split(".")
  return BigInt(whole + fraction.padEnd(12, "0"))
}
