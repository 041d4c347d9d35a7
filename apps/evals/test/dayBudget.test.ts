import { mkdtempSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { describe, expect, it } from "vitest"
import { assay } from "./support/assay.ts"
import { sumsProject } from "./support/project.ts"
import { startSimulator } from "./support/simulator.ts"

const key = "SG_0123456789abcdef"

describe("a day budget", () => {
  it("holds over the runs of two projects, and is named where it stops one", async () => {
    const simulator = await startSimulator(["--api-key", key])
    const env = { SEGMIND_API_KEY: key, XDG_STATE_HOME: mkdtempSync(join(tmpdir(), "assay-state-")) }
    const args = ["run", "--provider", "segmind", "--base-url", simulator.url, "--soft-budget", "--budget", "0.5"]
    const first = await assay([...args, "--day-budget", "0.012"], { cwd: sumsProject(), env })
    expect(first.exit).toBe(5)
    expect(first.stderr).toMatch(/Stopped at the budget of the day \d{4}-\d\d-\d\d: 0\.0\d+ of 0\.012 credits spent/)
    expect(first.stderr).toContain("--day-budget 0.024")
    const second = await assay([...args, "--day-budget", "0.012"], { cwd: sumsProject(), env })
    expect(second.exit).toBe(5)
    expect(Number((await simulator.account()).spent)).toBeLessThanOrEqual(0.012)
    expect(Number((await simulator.account()).spent)).toBeGreaterThan(0.005)
  })

  it("does not count what a simulator says it charges", async () => {
    const env = { XDG_STATE_HOME: mkdtempSync(join(tmpdir(), "assay-state-")) }
    const run = await assay(["run", "--provider", "simulator", "--day-budget", "0.001"], { cwd: sumsProject(), env })
    expect(run.exit).toBe(0)
  })
})
