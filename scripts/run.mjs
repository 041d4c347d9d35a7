// Runs a script of the root package.json after installing all it needs: `npm start` and `npm test` come
// through here. It needs Node.js 18 or newer and either npm or pnpm 12. Without that pnpm it fetches the one
// that package.json pins, and pnpm installs the Node.js that the scripts run on (optionalDependencies).
import { spawn, spawnSync } from "node:child_process"
import { existsSync, readFileSync } from "node:fs"
import { dirname, join } from "node:path"
import process from "node:process"
import { fileURLToPath } from "node:url"

const self = fileURLToPath(import.meta.url)
const root = join(dirname(self), "..")
const [script, ...args] = process.argv.slice(2)
const pinned = JSON.parse(readFileSync(join(root, "package.json"), "utf8")).packageManager
const major = (version) => version.replace(/^pnpm@/, "").split(".")[0]
const shell = process.platform === "win32"

const run = (command, argv, env) =>
  new Promise((resolve) => {
    const child = spawn(command, argv, { cwd: root, env, shell, stdio: "inherit" })
    // Ctrl-C reaches the child too: wait for it, so that it can put the terminal back.
    process.on("SIGINT", () => {})
    process.on("SIGTERM", () => child.kill("SIGTERM"))
    child.on("error", (error) => {
      console.error(`cannot start ${command}: ${error.message}`)
      resolve(127)
    })
    child.on("close", (code, signal) => resolve(code ?? (signal === "SIGINT" ? 130 : 143)))
  })

const pnpmOnPath = () => {
  const stdio = ["ignore", "pipe", "ignore"]
  const { status, stdout } = spawnSync("pnpm", ["--version"], {
    cwd: root,
    encoding: "utf8",
    shell,
    stdio
  })
  return status === 0 && major(stdout.trim()) === major(pinned)
}

/** Whether the Node.js on PATH will do where the registry has no binary for this platform. */
const supported = () => {
  const [release, minor] = process.versions.node.split(".").map(Number)
  return (release === 22 && minor >= 19) || (release === 24 && minor >= 11) || release >= 26
}

const main = async () => {
  const env = { TURBO_TELEMETRY_DISABLED: "1", ...process.env }
  if (!process.stdout.isTTY && env.FORCE_COLOR === undefined) env.NO_COLOR ??= "1"
  if (!pnpmOnPath()) {
    if (env.ASSAY_RUN_NESTED !== undefined) return 1
    const npx = ["--yes", "--prefer-offline", "--loglevel=error", `--package=${pinned}`, "--"]
    return run("npx", [...npx, "node", self, script, ...args], { ...env, ASSAY_RUN_NESTED: "1" })
  }
  const fresh = !existsSync(join(root, "node_modules", ".modules.yaml"))
  if (fresh) console.error("Installing dependencies: about 250 MB, once.")
  const install = [
    "install",
    "--frozen-lockfile",
    "--prefer-offline",
    "--trust-lockfile",
    "--loglevel=warn"
  ]
  const failed = await run("pnpm", install, env)
  if (failed !== 0) return failed
  if (!existsSync(join(root, "node_modules", ".bin", "node")) && !supported()) {
    console.error(`Node.js 22.19, 24.11 or >= 26 is needed here; this is ${process.version}.`)
    return 1
  }
  return run("pnpm", ["--loglevel=warn", "run", script, ...args], env)
}

process.exitCode = await main()
