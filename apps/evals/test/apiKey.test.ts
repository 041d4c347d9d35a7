import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, it } from "vitest"
import { assay } from "./support/assay.ts"
import { sumsProject } from "./support/project.ts"
import { startSimulator } from "./support/simulator.ts"

const key = "SG_0123456789abcdef"

/** Runs one sample at a gateway that takes this key alone. */
const runWith = async (env: Readonly<Record<string, string>>, cwd = sumsProject()) => {
  const gateway = await startSimulator(["--api-key", key])
  const args = ["run", "--provider", "segmind", "--base-url", gateway.url, "--soft-budget", "--limit", "1"]
  const end = await assay(args, { cwd, env })
  return { ...end, calls: (await gateway.account()).calls }
}

describe("an API key", () => {
  it("is read from a file, without the space around it", async () => {
    const project = sumsProject()
    const file = join(project, "key.txt")
    writeFileSync(file, `${key}\n`, { mode: 0o600 })
    const run = await runWith({ SEGMIND_API_KEY_FILE: file }, project)
    expect([run.exit, run.calls]).toEqual([0, 2])
  })

  it("is read from what a command prints", async () => {
    const run = await runWith({ SEGMIND_API_KEY_COMMAND: `printf '${key}\\n'` })
    expect([run.exit, run.calls]).toEqual([0, 2])
  })

  it("is the variable's own where several are set", async () => {
    const run = await runWith({ SEGMIND_API_KEY: key, SEGMIND_API_KEY_COMMAND: "printf SG_ffffffffffffffff" })
    expect(run.exit).toBe(0)
  })

  it("that a command cannot give ends the run before a call, and nothing it printed is repeated", async () => {
    const run = await runWith({ SEGMIND_API_KEY_COMMAND: `printf '${key}'; exit 3` })
    expect([run.exit, run.calls]).toEqual([4, 0])
    expect(run.stderr).toContain("error[E1104]: SEGMIND_API_KEY_COMMAND gives no API key")
    expect(run.stderr).toContain("the command ended with code 3")
    expect(run.stdout + run.stderr).not.toContain(key)
  })

  it("in a file that is not there ends the run before a call", async () => {
    const run = await runWith({ SEGMIND_API_KEY_FILE: "/nowhere/key" })
    expect([run.exit, run.calls]).toEqual([4, 0])
    expect(run.stderr).toContain("/nowhere/key cannot be read")
  })
})
