// What `npm start`, `npm run assay` and `npm test` come through: it installs and builds what is missing or stale, then
// runs the program itself, so that signals and exit codes are the program's own. It needs Node.js 18 or newer and
// either npm or pnpm 12; pnpm brings the Node.js that everything here runs on (optionalDependencies).
import { spawn, spawnSync } from "node:child_process"
import { createHash } from "node:crypto"
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs"
import { delimiter, dirname, join } from "node:path"
import process from "node:process"
import { fileURLToPath } from "node:url"

const root = join(dirname(fileURLToPath(import.meta.url)), "..")
const windows = process.platform === "win32"
const pinned = JSON.parse(readFileSync(join(root, "package.json"), "utf8")).packageManager
const program = join(root, "apps", "evals", "dist", "assay.js")
const installed = join(root, "node_modules", ".assay-installed")

const main = async ([task, ...args]) => {
  if (!lockIsInstalled()) {
    if (!existsSync(installed)) console.error("Installing dependencies: about 250 MB, once.")
    const flags = ["--frozen-lockfile", "--prefer-offline", "--trust-lockfile", "--loglevel=warn"]
    const failed = await runPnpm(["install", ...flags])
    if (failed !== 0) return failed
    writeFileSync(installed, lockHash())
  }
  const node = nodeBinary()
  if (node === undefined) {
    console.error(`Node.js 22.19, 24.11 or >= 26 is needed here; this is ${process.version}.`)
    return 1
  }
  switch (task) {
    case "start":
    case "assay": {
      const failed = await buildProgram()
      if (failed !== 0) return failed
      return run(node, [program, ...(task === "start" ? startArguments(args) : args)])
    }
    case "test": {
      const failed = await buildProgram()
      if (failed !== 0) return failed
      return run(node, [join(root, "node_modules", "vitest", "vitest.mjs"), "run", ...args])
    }
    default:
      return runPnpm(["--loglevel=warn", "run", task, ...args])
  }
}

/** `npm start` runs all suites on the simulator, unless the arguments name another provider. */
const startArguments = (args) => {
  const named = args.some((argument) => argument === "--provider" || argument.startsWith("--provider="))
  return ["run", ...(named ? [] : ["--provider", "simulator"]), ...args]
}

const buildProgram = async () => {
  if (existsSync(program) && statSync(program).mtimeMs >= newestSource()) return 0
  const flags = ["--loglevel=warn", "exec", "turbo", "run", "build", "--filter=assay", "--output-logs=errors-only"]
  return runPnpm([...flags, "--log-order=grouped", "--no-update-notifier"], { quiet: true })
}

/** When a source of the program was last changed, in milliseconds since 1970. */
const newestSource = () => {
  const places = ["packages", "apps"].flatMap((folder) =>
    readdirSync(join(root, folder)).flatMap((room) => [join(folder, room, "src"), join(folder, room, "package.json")])
  )
  const files = ["pnpm-lock.yaml", "apps/evals/tsdown.config.ts", ...places].flatMap((place) =>
    filesUnder(join(root, place))
  )
  return files.reduce((newest, file) => Math.max(newest, statSync(file).mtimeMs), 0)
}

const filesUnder = (place) => {
  if (!existsSync(place)) return []
  if (!statSync(place).isDirectory()) return [place]
  return readdirSync(place).flatMap((name) => filesUnder(join(place, name)))
}

const lockHash = () =>
  createHash("sha256")
    .update(readFileSync(join(root, "pnpm-lock.yaml")))
    .digest("hex")

const lockIsInstalled = () => existsSync(installed) && readFileSync(installed, "utf8") === lockHash()

/** The Node.js that the lockfile pins, or the running one where the registry has no binary for this platform. */
const nodeBinary = () => {
  const own = join(root, "node_modules", ".bin", "node")
  if (existsSync(own)) return own
  const [release, minor] = process.versions.node.split(".").map(Number)
  const fits = (release === 22 && minor >= 19) || (release === 24 && minor >= 11) || release >= 26
  return fits ? process.execPath : undefined
}

const runPnpm = (args, options) => {
  if (pnpmOnPath()) return run("pnpm", args, options)
  const npx = ["--yes", "--prefer-offline", "--loglevel=error", `--package=${pinned}`, "--"]
  return run("npx", [...npx, "pnpm", ...args], options)
}

const pnpmOnPath = () => {
  const options = { cwd: root, encoding: "utf8", shell: windows, stdio: ["ignore", "pipe", "ignore"] }
  const { status, stdout } = spawnSync("pnpm", ["--version"], options)
  return status === 0 && major(stdout.trim()) === major(pinned)
}

const major = (version) => version.replace(/^pnpm@/, "").split(".")[0]

const run = (command, args, { quiet = false } = {}) =>
  new Promise((resolve) => {
    const PATH = [join(root, "node_modules", ".bin"), process.env.PATH].join(delimiter)
    const env = { TURBO_TELEMETRY_DISABLED: "1", ...process.env, PATH }
    const stdio = quiet ? ["ignore", "pipe", "inherit"] : "inherit"
    const child = spawn(command, args, { cwd: root, env, shell: windows && !command.endsWith(".exe"), stdio })
    const output = []
    child.stdout?.on("data", (chunk) => output.push(chunk))
    // Ctrl-C reaches the child too: wait for it, so that it can save its work and put the terminal back.
    process.on("SIGINT", () => {})
    process.on("SIGTERM", () => child.kill("SIGTERM"))
    child.on("error", (error) => {
      console.error(`cannot start ${command}: ${error.message}`)
      resolve(127)
    })
    child.on("close", (code, signal) => {
      if (quiet && code !== 0) process.stderr.write(Buffer.concat(output))
      resolve(code ?? (signal === "SIGINT" ? 130 : 143))
    })
  })

process.exitCode = await main(process.argv.slice(2))
