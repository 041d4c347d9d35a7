// @effect-diagnostics processEnv:off -- npm needs the environment that it was set up in.
import { execFileSync } from "node:child_process"
import { mkdirSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import process from "node:process"
import { fileURLToPath } from "node:url"
import { expect, it } from "vitest"
import "./support/assay.ts"
import { ask, sumsProject, temporaryFolder } from "./support/project.ts"

const repository = fileURLToPath(new URL("../../..", import.meta.url))

const suite = `import * as harness from "@assay/harness"
import * as effect from "effect"
import * as Schema from "effect/Schema"
import { Effect } from "effect"

if (effect.Schema !== harness.Schema) throw new Error("two instances of Schema")
if (Schema.String !== harness.Schema.String) throw new Error("another instance behind effect/Schema")

const { defineSuite, scored } = harness
export default defineSuite({
  name: "shared",
  input: effect.Schema.Struct({ question: effect.Schema.String }),
  target: effect.Schema.Finite,
  samples: [{ id: "a", input: { question: "What is 2 + 2?" }, target: 4 }],
  prompts: ["./plain.md"],
  settings: [{ model: "o3-mini", maxCompletionTokens: 200 }],
  scorers: [
    {
      name: "by-effect",
      version: 1,
      options: {},
      score: ({ target }) =>
        Effect.gen(function* () {
          yield* Effect.sleep("1 millis")
          return scored({ value: 1, explanation: "An Effect of the suite's own gave " + target })
        })
    }
  ]
})
`

const { packageManager } = JSON.parse(readFileSync(join(repository, "package.json"), "utf8")) as {
  readonly packageManager: string
}

/** Only pnpm puts `publishConfig` into a tarball; a stranger's machine has it through npx alone. */
const pack = (room: string, folder: string, name: string): string => {
  const file = join(folder, name)
  const flags = ["--yes", "--prefer-offline", "--loglevel=error", `--package=${packageManager}`, "--"]
  execFileSync("npx", [...flags, "pnpm", "pack", "--out", file], { cwd: join(repository, room), stdio: "pipe" })
  return file
}

/** Makes the `dist` that a room's tarball ships. */
const build = (room: string): void => {
  const compiler = join(repository, "node_modules", ".bin", "tsc")
  execFileSync(compiler, ["-p", "tsconfig.build.json"], { cwd: join(repository, room), stdio: "pipe" })
}

// Packs, installs from the registry and runs: some 20 seconds.
it("installed from its tarball, the program shares one harness and one effect with a suite outside the repository", async () => {
  const folder = temporaryFolder()
  build("packages/sandbox")
  const tarballs = [pack("apps/evals", folder, "assay.tgz"), pack("packages/sandbox", folder, "sandbox.tgz")]
  const project = join(folder, "project")
  mkdirSync(project)
  writeFileSync(join(project, "package.json"), '{"name":"project","private":true}')
  writeFileSync(join(project, "suite.ts"), suite)
  writeFileSync(join(project, "plain.md"), "{{question}}\n")
  // npm finds its cache and its registry through these.
  const env = { ...process.env }
  const flags = ["--no-audit", "--no-fund", "--prefer-offline", "--loglevel=error"]
  execFileSync("npm", ["install", ...flags, ...tarballs], { cwd: project, env, stdio: "pipe" })
  const bin = join(project, "node_modules", ".bin", "assay")
  const stdout = execFileSync(bin, ["run", "./suite.ts", "--provider", "simulator", "--seed", "7"], {
    cwd: project,
    env,
    encoding: "utf8"
  })
  expect(stdout).toContain("equal to the last pico-credit")
  expect(ask(project, "SELECT scorer, passed, explanation FROM score")).toEqual([
    { scorer: "by-effect", passed: 1n, explanation: "An Effect of the suite's own gave 4" }
  ])
  // The sandbox came with it, outside the bundle.
  const listed = execFileSync(bin, ["list", "suites"], { cwd: sumsProject(), env, encoding: "utf8" })
  expect(listed).toContain("sums")
}, 120_000)
