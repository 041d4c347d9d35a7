/** The program of a host process: takes jobs over IPC, one at a time, and answers each. Started by HostProcess.ts alone. */
import { readFileSync } from "node:fs"
import { registerHooks } from "node:module"
import { type HostReady, parseJob } from "./internal/protocol.ts"

// Packages come from where the parent found them; nothing is searched for on disk.
const packageUrls: ReadonlyMap<string, string> = new Map(Object.entries(JSON.parse(process.argv[2] ?? "{}")))
registerHooks({
  resolve: (specifier, context, nextResolve) => {
    const url = packageUrls.get(specifier)
    if (url === undefined) return nextResolve(specifier, context)
    return { url, format: url.endsWith(".mjs") ? "module" : "commonjs", shortCircuit: true }
  }
})

// A wall that is only believed to be up is none: the host tries to read a file that it was not given.
const probeWall = (): HostReady => {
  const permission = process.permission
  if (permission === undefined) return { walled: false, detail: "The process was started without --permission." }
  for (const scope of ["fs.write", "child", "worker"]) {
    if (permission.has(scope)) return { walled: false, detail: `The permission ${scope} is granted.` }
  }
  try {
    readFileSync(process.execPath)
    return { walled: false, detail: "A file outside the list could be read." }
  } catch (problem) {
    const code = String((problem as { readonly code?: unknown }).code)
    return { walled: code === "ERR_ACCESS_DENIED", detail: `Reading a file outside the list ended with ${code}.` }
  }
}

const send = (message: unknown): void => {
  process.send?.(JSON.stringify(message))
}

const ready = probeWall()
if (ready.walled) {
  const { runJob } = await import("./internal/runJob.ts")
  process.on("message", (message) => {
    // A job that cannot be answered is the host's failure: it ends here, and the parent sees the exit.
    void runJob(parseJob(message)).then(send, (problem: unknown) => {
      process.stderr.write(`${String(problem)}\n`, () => process.exit(70))
    })
  })
  process.on("disconnect", () => process.exit(0))
}
send(ready)
if (!ready.walled) process.disconnect()
