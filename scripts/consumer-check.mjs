// `node scripts/consumer-check.mjs [--keep]` proves what a user of the published @assay/core gets: it packs the package,
// installs the tarball into an empty npm project with the lowest and the latest effect of the peer range, typechecks a
// consumer of every entry point against the shipped declarations, and runs the README's first call against the
// simulator on the oldest Node.js that `engines` admits and on the workspace's own. It prints a table and exits with 1
// when a cell fails. It needs npm, its registry and pnpm (on the PATH, or through npx).
import { spawn, spawnSync } from "node:child_process"
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { createRequire } from "node:module"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import process from "node:process"
import { createInterface } from "node:readline"
import { fileURLToPath } from "node:url"

const root = fileURLToPath(new URL("..", import.meta.url))
const core = join(root, "packages", "core")
const windows = process.platform === "win32"
const readJson = (file) => JSON.parse(readFileSync(file, "utf8"))
const rootManifest = readJson(join(root, "package.json"))

const main = async ([flag]) => {
  const place = mkdtempSync(join(tmpdir(), "assay-consumer-"))
  try {
    return await check(place)
  } catch (error) {
    console.error(error instanceof Error ? error.message : error)
    return 1
  } finally {
    if (flag === "--keep") console.log(`kept ${place}`)
    else rmSync(place, { recursive: true, force: true })
  }
}

const check = async (place) => {
  const tarball = packCore(place)
  const manifest = readJson(join(unpack(tarball, place), "package.json"))
  const effects = effectVersions(manifest.peerDependencies.effect)
  const nodes = nodeVersions(manifest.engines.node).map((version) => ({ version, binary: installNode(version, place) }))
  const rows = []
  for (const effect of effects) {
    const project = makeProject({ place, tarball, effect, manifest })
    rows.push({ effect, what: "typecheck, all declarations", ...timed(() => typecheck(project, manifest)) })
    for (const { version, binary } of nodes) {
      const on = { effect, node: version }
      rows.push({
        ...on,
        what: "import every entry",
        ...timed(() => mustRun(binary, ["entries.mjs"], { cwd: project }))
      })
      rows.push({ ...on, what: "the README's first call", ...(await timedAsync(() => firstCall(binary, project))) })
    }
  }
  printTable(rows)
  for (const { reason } of rows) if (reason !== undefined) console.error(`\n${reason}`)
  return rows.every(({ reason }) => reason === undefined) ? 0 : 1
}

const packCore = (place) => {
  const tarball = join(place, "core.tgz")
  mustRun(...pnpm("run", "build"), { cwd: core })
  mustRun(...pnpm("pack", "--out", tarball), { cwd: core })
  return tarball
}

/** What is in the tarball counts, not what the workspace has: pnpm rewrites `exports` and `catalog:` when it packs. */
const unpack = (tarball, place) => {
  mustRun("tar", ["-xzf", tarball, "-C", place])
  return join(place, "package")
}

/** The lowest and the latest release that the peer range admits; one when they are the same. */
const effectVersions = (range) => {
  const answer = JSON.parse(mustRun("npm", ["view", `effect@${range}`, "version", "--json"]))
  const releases = [answer].flat().filter((version) => !version.includes("-"))
  const sorted = releases.toSorted((a, b) => a.localeCompare(b, "en", { numeric: true }))
  if (sorted.length === 0) throw new Error(`no release of effect is in the range ${range}`)
  if (sorted.length === 1) console.log(`effect ${sorted[0]} is both the lowest and the latest of ${range}`)
  return [...new Set([sorted[0], sorted.at(-1)])]
}

/** `engines` says the oldest, as ">=22.19"; the newest is the Node.js that the workspace pins. */
const nodeVersions = (engines) => {
  const oldest = /^>=(\d+)\.(\d+)(?:\.(\d+))?$/.exec(engines)
  if (oldest === null) throw new Error(`cannot read the oldest Node.js from engines "${engines}"`)
  const [, major, minor, patch = "0"] = oldest
  return [`${major}.${minor}.${patch}`, Object.values(rootManifest.optionalDependencies)[0]]
}

/** Node.js as npm packages, one a platform; the same that the workspace runs on. */
const installNode = (version, place) => {
  const name = `node-${windows ? "win" : process.platform}-${process.arch}`
  const folder = join(place, `node-${version}`)
  mkdirSync(folder)
  mustRun("npm", ["install", "--prefix", folder, ...quietly, `${name}@${version}`])
  return join(folder, "node_modules", name, "bin", windows ? "node.exe" : "node")
}

const quietly = ["--no-audit", "--no-fund", "--ignore-scripts", "--prefer-offline", "--loglevel=error"]

const makeProject = ({ place, tarball, effect, manifest }) => {
  const project = join(place, `consumer-effect-${effect}`)
  mkdirSync(project)
  const write = (file, text) => writeFileSync(join(project, file), text)
  write("package.json", JSON.stringify({ name: "consumer", private: true, type: "module" }))
  mustRun("npm", ["install", ...quietly, tarball, `effect@${effect}`], { cwd: project })
  const installed = readJson(join(project, "node_modules", "effect", "package.json")).version
  if (installed !== effect) throw new Error(`npm installed effect ${installed} instead of ${effect}`)
  const entries = entriesOf(manifest)
  write("entries.mjs", entries.map((entry) => `await import(${JSON.stringify(entry)})\n`).join(""))
  write(
    "entries.ts",
    entries.map((entry, index) => `export * as entry${index} from ${JSON.stringify(entry)}\n`).join("")
  )
  write("readme.ts", readmeExample())
  for (const [entry, source] of Object.entries(consumers)) {
    if (entries.includes(entry)) write(`${entry.split("/").at(-1)}.ts`, source)
  }
  return project
}

const entriesOf = ({ name, exports }) =>
  Object.keys(exports)
    .filter((entry) => !entry.endsWith(".json"))
    .map((entry) => name + entry.slice(1))

/** The first code of the README, as it stands. */
const readmeExample = () => {
  const readme = readFileSync(join(core, "README.md"), "utf8")
  const code = /^## A first call$[\s\S]*?^```ts\n([\s\S]*?)^```$/m.exec(readme)?.[1]
  if (code === undefined) throw new Error('the README has no ```ts example under "## A first call"')
  return code
}

/** What a user writes against an entry, beyond importing it: what would not compile if a declaration got lost. */
const consumers = {
  "@assay/core/LanguageModel": `import { Effect } from "effect"
import { LanguageModel } from "effect/ai"
import { layer } from "@assay/core/LanguageModel"

export const priced = Effect.gen(function* () {
  const { text, content } = yield* LanguageModel.generateText({ prompt: "6 × 7?" })
  const finish = content.find((part) => part.type === "finish")
  const credits: string | undefined = finish?.metadata.assay?.credits
  return { text, credits }
}).pipe(Effect.provide(layer({ model: "o3-mini", maxCompletionTokens: 2000 })))
`,
  "@assay/core/observability": `import { Redacted } from "effect"
import { segmind } from "@assay/core"
import { layerModelClientObserved, layerOtlp, layerPrometheus } from "@assay/core/observability"

const providers = [segmind(Redacted.make("key"))] as const
export const layers = [layerModelClientObserved({ providers }), layerOtlp({ baseUrl: "http://127.0.0.1:4318" }), layerPrometheus()]
`
}

/** With every declaration checked, Effect's too, which needs the DOM's types; and without the types of Node.js. */
const typecheck = (project, manifest) => {
  const compilerOptions = {
    target: "es2024",
    lib: ["es2024", "dom"],
    module: "nodenext",
    types: [],
    strict: true,
    exactOptionalPropertyTypes: true,
    skipLibCheck: false,
    noEmit: true
  }
  const files = [
    "entries.ts",
    "readme.ts",
    ...entriesOf(manifest)
      .filter((entry) => entry in consumers)
      .map(fileOf)
  ]
  writeFileSync(join(project, "tsconfig.json"), JSON.stringify({ compilerOptions, files }))
  const typescript = dirname(createRequire(join(root, "package.json")).resolve("typescript/package.json"))
  mustRun(workspaceNode(), [join(typescript, "bin", "tsc"), "--project", project])
}

const fileOf = (entry) => `${entry.split("/").at(-1)}.ts`

/**
 * Runs the README's example with nothing changed but where the provider is, and holds it to the simulator's own account:
 * one charge, and the very amount that the example prints.
 */
const firstCall = async (node, project) => {
  const simulator = await startSimulator()
  try {
    const example = readmeExample()
    const moved = example.replaceAll("segmind(apiKey)", `segmind(apiKey, ${JSON.stringify(simulator.url)})`)
    if (moved === example) throw new Error("the README's example has no `segmind(apiKey)` to point at the simulator")
    writeFileSync(join(project, "first-call.ts"), moved)
    // `spawnSync` would be fine for the example, and deaf to the simulator if that were in this process.
    const env = { PATH: process.env.PATH, SEGMIND_API_KEY: simulator.apiKey }
    const output = mustRun(node, ["first-call.ts"], { cwd: project, env })
    const reply = await fetch(`${simulator.url}/simulator/account`, { headers: { "x-api-key": simulator.apiKey } })
    const { spent, charges } = await reply.json()
    if (Number(charges) !== 1)
      throw new Error(`the simulator charged ${charges} calls for the README's one:\n${output}`)
    if (!output.split(/\s+/).includes(spent)) {
      throw new Error(`the README's example does not print the charge of ${spent}:\n${output}`)
    }
  } finally {
    simulator.stop()
  }
}

const startSimulator = async () => {
  const main = join(root, "packages", "simulator", "src", "main.ts")
  const child = spawn(workspaceNode(), [main, "--with-parent"], { stdio: ["pipe", "pipe", "inherit"] })
  const lines = createInterface({ input: child.stdout })
  const [line] = await Promise.race([
    new Promise((resolve) => lines.once("line", (text) => resolve([text]))),
    new Promise((resolve) => child.once("close", () => resolve([])))
  ])
  if (line === undefined) throw new Error("the simulator ended before it said where it listens")
  return { ...JSON.parse(line), stop: () => child.kill("SIGTERM") }
}

const workspaceNode = () => {
  const name = `node-${process.platform}-${process.arch}`
  const own = join(root, "node_modules", name, "bin", "node")
  return spawnSync(own, ["--version"]).status === 0 ? own : process.execPath
}

const pnpm = (...args) =>
  spawnSync("pnpm", ["--version"], { shell: windows }).status === 0
    ? ["pnpm", args]
    : ["npx", ["--yes", "--prefer-offline", `--package=${rootManifest.packageManager}`, "--", "pnpm", ...args]]

/** Its standard output; throws with all that it said when it fails or takes over five minutes. */
const mustRun = (command, args, options = {}) => {
  const settings = { encoding: "utf8", timeout: 300_000, shell: windows && !command.endsWith(".exe"), ...options }
  const { status, signal, error, stdout, stderr } = spawnSync(command, args, settings)
  if (status === 0) return stdout
  const outcome = error?.message ?? (signal === null ? `exit ${status}` : `ended by ${signal}`)
  throw new Error(`${command} ${args.join(" ")}: ${outcome}\n${stdout ?? ""}${stderr ?? ""}`)
}

const timed = (task) => {
  const begun = performance.now()
  try {
    task()
    return { milliseconds: performance.now() - begun }
  } catch (error) {
    return { milliseconds: performance.now() - begun, reason: error.message }
  }
}

const timedAsync = async (task) => {
  const begun = performance.now()
  const reason = await task().then(
    () => undefined,
    (error) => error.message
  )
  return { milliseconds: performance.now() - begun, ...(reason === undefined ? {} : { reason }) }
}

const printTable = (rows) => {
  console.log(`${"effect".padEnd(9)}${"node".padEnd(10)}${"what".padEnd(30)}${"".padEnd(8)}ms`)
  for (const { effect, node = "", what, milliseconds, reason } of rows) {
    const verdict = reason === undefined ? "ok" : "FAILED"
    console.log(
      `${effect.padEnd(9)}${node.padEnd(10)}${what.padEnd(30)}${verdict.padEnd(8)}${milliseconds.toFixed(0).padStart(5)}`
    )
  }
}

process.exitCode = await main(process.argv.slice(2))
