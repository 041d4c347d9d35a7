import { spawnSync } from "node:child_process"
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import process from "node:process"
import { fileURLToPath } from "node:url"
import { afterAll, beforeAll, expect, it } from "vitest"
import { readText } from "./support/readRepository.ts"

// `npm test` builds it; the suite lies outside the repository, as a user's does.
const program = fileURLToPath(new URL("../apps/evals/dist/assay.js", import.meta.url))
let folder = ""
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "assay-readme-"))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

it("shows a suite in the README that runs as it stands", { timeout: 60_000 }, () => {
  expect(existsSync(program), "build the program first: npm test does").toBe(true)
  const [, suite = ""] = /```ts\n([\s\S]*?)```/.exec(readText("README.md")) ?? []
  const [, prompt = ""] = /"\.\/plain\.md"\], \/\/ (.+)/.exec(suite) ?? []
  expect(prompt).toContain("{{country}}")
  writeFileSync(join(folder, "suite.ts"), suite)
  writeFileSync(join(folder, "plain.md"), prompt)
  const database = join(folder, "results.db")
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [program, "run", join(folder, "suite.ts"), "--provider", "simulator", "--seed", "1", "--db", database],
    { cwd: folder, encoding: "utf8" }
  )
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" })
  expect(stdout).toContain("2 of 2 trials")
  expect(stdout).toContain("equal to the last pico-credit")
})
