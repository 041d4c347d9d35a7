import { readdirSync, readFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { describe, expect, it } from "vitest"
import { assay } from "./support/assay.ts"
import { databaseOf, sumsProject } from "./support/project.ts"
import { startSimulator } from "./support/simulator.ts"

const key = "SG_0123456789abcdef"

describe("an API key", () => {
  it.each([
    ["that is right", key, 0],
    ["that is refused", "SG_fedcba9876543210", 4]
  ])("%s reaches neither the screen nor the disk", async (_case, accepted, exit) => {
    const simulator = await startSimulator(["--api-key", accepted])
    const project = sumsProject()
    const place = { cwd: project, env: { SEGMIND_API_KEY: key } }
    const flags = ["--provider", "segmind", "--base-url", simulator.url, "--soft-budget", "-n", "2"]
    const ends = [
      await assay(["run", ...flags], place),
      await assay(["run", ...flags, "--json"], place),
      await assay(["show"], place),
      await assay(["show", "--json"], place),
      await assay(["show", "/sum-01"], place)
    ]
    expect(ends.slice(0, 2).map((end) => end.exit)).toEqual([exit, exit])
    const folder = dirname(databaseOf(project))
    const stored = readdirSync(folder).map((name) => readFileSync(join(folder, name), "latin1"))
    const said = ends.flatMap(({ stdout, stderr }) => [stdout, stderr])
    for (const text of [...stored, ...said]) expect(text.includes(key)).toBe(false)
    // What the same request carried beside it is there to be found.
    expect(stored.some((text) => text.includes("What is 12 + 4?"))).toBe(true)
    expect(stored.some((text) => text.includes(simulator.url))).toBe(true)
  })
})
