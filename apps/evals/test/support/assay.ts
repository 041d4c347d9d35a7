// Processes are started with an environment of their own making.
// @effect-diagnostics processEnv:off
import { type ChildProcess, spawn } from "node:child_process"
import process from "node:process"
import { beforeAll, vi } from "vitest"
import { bundle } from "./bundle.ts"

// A process takes a second to start on a busy machine, and a build some more.
vi.setConfig({ testTimeout: 30_000 })
beforeAll(async () => {
  await bundle()
}, 120_000)

/** How a process ended, with all that it said. */
export interface End {
  readonly exit: number | null
  readonly signal: NodeJS.Signals | null
  readonly stdout: string
  readonly stderr: string
}

export interface Place {
  readonly cwd: string
  readonly env?: Readonly<Record<string, string>>
}

/** A program that runs. */
export interface Running {
  readonly child: ChildProcess
  readonly end: Promise<End>
  /** Resolves when its standard output matches; rejects when it ended before. */
  readonly says: (pattern: RegExp) => Promise<void>
}

/** Runs the shipped program to its end, in a clean environment: no key, no CI, no colour, standard output a pipe. */
export const assay = async (args: ReadonlyArray<string>, place: Place): Promise<End> =>
  (await startAssay(args, place)).end

/** Starts it. */
export const startAssay = async (args: ReadonlyArray<string>, place: Place): Promise<Running> =>
  watch(spawn(process.execPath, [await bundle(), ...args], { cwd: place.cwd, env: environment(place.env) }))

/** What a process of a test is given, beside what the test names. */
export const environment = (variables: Readonly<Record<string, string>> = {}): Record<string, string> => ({
  PATH: process.env["PATH"] ?? "",
  TZ: "UTC",
  ...variables
})

export const watch = (child: ChildProcess): Running => {
  let [stdout, stderr] = ["", ""]
  const listeners = new Set<() => void>()
  child.stdout?.setEncoding("utf8").on("data", (text: string) => {
    stdout += text
    for (const listener of listeners) listener()
  })
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    stderr += text
  })
  child.stdin?.end()
  const end = new Promise<End>((resolve, reject) => {
    child.once("error", reject)
    child.once("close", (exit, signal) => resolve({ exit, signal, stdout, stderr }))
  })
  const says = (pattern: RegExp) =>
    new Promise<void>((resolve, reject) => {
      const look = () => {
        if (!pattern.test(stdout)) return
        listeners.delete(look)
        resolve()
      }
      listeners.add(look)
      look()
      end.then(
        () => reject(new Error(`ended without ${pattern}:\n${stdout}${stderr}`)),
        (error: unknown) => reject(error)
      )
    })
  return { child, end, says }
}
