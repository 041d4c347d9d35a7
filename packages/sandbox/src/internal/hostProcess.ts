// This room imports no Effect, so that it can be published alone; its two timers are Node's.
// @effect-diagnostics globalTimers:off
import { type ChildProcess, spawn } from "node:child_process"
import { readdirSync, realpathSync } from "node:fs"
import { createRequire } from "node:module"
import { dirname, extname, join } from "node:path"
import { fileURLToPath, pathToFileURL } from "node:url"
import { parseReady } from "./protocol.ts"

// Starting takes 60 ms on an idle machine; a loaded one may need seconds.
const startMs = 20_000
// Enough to show why a host did not start.
const keptErrorLength = 2000

/** Starts a host and waits until it has shown that its wall is up. Rejects with the reason when it has not, and kills it. */
export const startHost = (flags: ReadonlyArray<string> = hostFlags()): Promise<ChildProcess> =>
  new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [...flags, hostFile, JSON.stringify(packageUrls)], {
      env: {},
      stdio: ["ignore", "ignore", "pipe", "ipc"],
      serialization: "json",
      windowsHide: true
    })
    living.add(child)
    child.once("exit", () => living.delete(child))
    if (!process.listeners("exit").includes(killLiving)) process.on("exit", killLiving)
    let errorText = ""
    child.stderr?.on("data", (chunk: Buffer) => {
      errorText = (errorText + chunk.toString("latin1")).slice(-keptErrorLength)
    })
    const fail = (reason: string): void => {
      clearTimeout(timer)
      child.kill("SIGKILL")
      reject(new Error(errorText === "" ? reason : `${reason} It wrote: ${errorText.trim()}`))
    }
    const timer = setTimeout(() => fail(`The sandbox host did not start within ${startMs} ms.`), startMs)
    const onError = (problem: Error): void => fail(`The sandbox host could not be started: ${problem.message}.`)
    const onClose = (code: number | null): void => fail(`The sandbox host ended with code ${code} while starting.`)
    child.once("error", onError)
    child.once("close", onClose)
    child.once("message", (message) => {
      const ready = parseReady(message)
      if (ready?.walled !== true) {
        fail(`The wall around the sandbox host is not up: ${ready?.detail ?? "it sent something else"}`)
        return
      }
      clearTimeout(timer)
      child.off("close", onClose)
      child.off("error", onError)
      // Without a listener a late failure to signal or to send would end our process.
      child.on("error", () => {})
      resolve(child)
    })
  })

// A guest in one long native computation would outlive us: its host does not see that we are gone.
const living = new Set<ChildProcess>()
const killLiving = (): void => {
  for (const child of living) child.kill("SIGKILL")
}

/** Lets the parent end while this host is idle, or keeps it alive while the host works. */
export const holdProcess = (child: ChildProcess, isBusy: boolean): void => {
  const handles = [child, child.channel, child.stderr as { ref?: () => void; unref?: () => void } | null]
  for (const handle of handles) {
    if (isBusy) handle?.ref?.()
    else handle?.unref?.()
  }
}

const here = realpathSync(dirname(fileURLToPath(import.meta.url)))
// The file is .ts in the workspace and .js once built; tsc rewrites imports but not such a path.
const extension = extname(fileURLToPath(import.meta.url))
const hostFile = realpathSync(join(here, "..", `host${extension}`))

// Resolved here, because a resolver inside the wall would have to read every folder on the way to a package.
const core = import.meta.resolve("quickjs-emscripten-core")
const variant = import.meta.resolve("@jitl/quickjs-wasmfile-release-sync")
const packageUrls: { readonly [specifier: string]: string } = {
  "quickjs-emscripten-core": core,
  "@jitl/quickjs-ffi-types": pathToFileURL(createRequire(core).resolve("@jitl/quickjs-ffi-types")).href,
  "@jitl/quickjs-wasmfile-release-sync": variant,
  "@jitl/quickjs-wasmfile-release-sync/emscripten-module": import.meta.resolve(
    "@jitl/quickjs-wasmfile-release-sync/emscripten-module"
  ),
  "@jitl/quickjs-wasmfile-release-sync/wasm": import.meta.resolve("@jitl/quickjs-wasmfile-release-sync/wasm")
}

/** Node's flags for a host: no file but its own, no writing, no children, no workers, no add-ons, and a small heap. */
export const hostFlags = (): ReadonlyArray<string> => [
  "--permission",
  ...readableFiles().map((file) => `--allow-fs-read=${file}`),
  "--disable-warning=ExperimentalWarning",
  // V8's part of a host holds strings of at most the output limit; the guests' memory is not in this heap.
  "--max-old-space-size=256",
  // In KiB. Under the 8 MiB that Linux and macOS give a main thread, over what the guest's own stack limit needs.
  "--stack-size=6000"
]

const readableFiles = (): ReadonlyArray<string> => {
  const packages = Object.values(packageUrls).map((url) => realpathSync(fileURLToPath(url)))
  const beside = [core, variant].flatMap((url) => filesIn(dirname(realpathSync(fileURLToPath(url))), ".mjs"))
  const ours = [hostFile, ...filesIn(here, extension), join(here, "..", "..", "package.json")]
  return [...new Set([...ours, ...packages, ...beside])]
}

const filesIn = (folder: string, ending: string): ReadonlyArray<string> =>
  readdirSync(folder)
    .filter((name) => name.endsWith(ending))
    .map((name) => join(folder, name))
