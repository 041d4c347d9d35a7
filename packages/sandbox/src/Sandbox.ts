import { randomUUID } from "node:crypto"
import type { CaseResult, FunctionCase, FunctionTests, FunctionTestsOutcome, Stopped } from "./FunctionTests.ts"
import { decodeGuestValue, equalsJson, printed, readGuestValue, toJson } from "./internal/GuestValue.ts"
import { HostPool } from "./internal/HostPool.ts"
import type { SlotEnding } from "./internal/HostSlot.ts"
import type { CallEnding, HostJob, HostReply } from "./internal/protocol.ts"
import { completeLimits, type Limits } from "./Limits.ts"
import type { Program, ProgramOutcome } from "./Program.ts"

/** Runs programs that a model wrote, each in an interpreter of its own, a WebAssembly instance in a walled child process. */
export interface Sandbox {
  /**
   * Calls the program's function once a case and compares here, outside the sandbox.
   *
   * Rejects only when the job itself makes no sense: a limit out of bounds, arguments that are not JSON, an empty entry.
   */
  readonly runFunctionTests: (job: FunctionTests) => Promise<FunctionTestsOutcome>
  /** Runs a whole program for its console text and its value. Rejects only when a limit is out of bounds. */
  readonly runProgram: (job: Program) => Promise<ProgramOutcome>
  /** Kills all host processes and waits for their end. Jobs under way and later ones end as `SandboxFailed`. */
  readonly close: () => Promise<void>
}

export interface SandboxOptions {
  /** Host processes, and so programs at the same time, 1 to 64. Default 1. Each takes about 100 MB when warm. */
  readonly workers?: number
}

/** Makes a pool. Processes start at the first job (about 0.1 s) and, while idle, don't keep the calling process alive. */
export const createSandbox = (options: SandboxOptions = {}): Sandbox => {
  const workers = options.workers ?? 1
  if (!Number.isInteger(workers) || workers < 1 || workers > 64) {
    throw new RangeError(`A sandbox has 1 to 64 workers, not ${workers}.`)
  }
  const pool = new HostPool(workers)
  return {
    runFunctionTests: async (job) => {
      const limits = completeLimits(job.limits)
      if (job.entry === "") throw new TypeError("The entry must name a function.")
      const argumentTexts = job.cases.map((one) => jsonText(one.arguments))
      const calls = { entry: job.entry, argumentTexts }
      return judge(job.cases, limits, await pool.run(hostJob(job, calls, limits)))
    },
    runProgram: async (job) => {
      const limits = completeLimits(job.limits)
      return report(limits, await pool.run(hostJob(job, null, limits)))
    },
    close: () => pool.close()
  }
}

const hostJob = (job: Program | FunctionTests, calls: HostJob["calls"], limits: Limits): HostJob => ({
  nonce: randomUUID(),
  language: job.language,
  source: job.source,
  calls,
  limits
})

const jsonText = (values: ReadonlyArray<unknown>): string => {
  const text = JSON.stringify(values, (key, value: unknown) => {
    if (value === undefined || typeof value === "function" || (typeof value === "number" && !Number.isFinite(value))) {
      throw new TypeError(`An argument is not JSON at "${key}".`)
    }
    return value
  })
  return text
}

const judge = (cases: ReadonlyArray<FunctionCase>, limits: Limits, ending: SlotEnding): FunctionTestsOutcome => {
  const reply = replyOf(ending, limits)
  if (!("nonce" in reply)) return reply
  if (reply.ending._tag !== "Finished") return stopped(reply.ending, limits)
  const { endings } = reply.ending
  return safely(() => ({
    _tag: "Ran",
    results: cases.map((one, index) => judgeCase(one, index, endings[index] as CallEnding)),
    durationMs: reply.durationMs
  }))
}

const judgeCase = (one: FunctionCase, index: number, ending: CallEnding): CaseResult => {
  const shared = { name: one.name ?? `case ${index + 1}`, arguments: one.arguments, expected: one.expected }
  if ("error" in ending) return { ...shared, passed: false, error: ending.error }
  const actual = decodeGuestValue(ending.value)
  return { ...shared, passed: equalsJson(actual, one.expected, one.tolerance), actual: toJson(actual) }
}

const report = (limits: Limits, ending: SlotEnding): ProgramOutcome => {
  const reply = replyOf(ending, limits)
  if (!("nonce" in reply)) return { ...reply, output: "" }
  return safely((): ProgramOutcome => {
    const output = consoleText(reply.printed)
    const { durationMs } = reply
    if (reply.ending._tag !== "Finished") return { ...stopped(reply.ending, limits), output }
    const [only] = reply.ending.endings as readonly [CallEnding]
    if ("error" in only) return { _tag: "Threw", message: only.error, durationMs, output }
    return { _tag: "Ran", result: toJson(decodeGuestValue(only.value)), durationMs, output }
  })
}

const replyOf = (ending: SlotEnding, limits: Limits): HostReply | Stopped => {
  switch (ending._tag) {
    case "Replied":
      return ending.reply
    case "Killed":
      return { _tag: "TimedOut", limitMs: limits.wallMs }
    case "Gone":
      return { _tag: "SandboxFailed", message: ending.detail }
  }
}

const stopped = (ending: Exclude<HostReply["ending"], { readonly _tag: "Finished" }>, limits: Limits): Stopped => {
  switch (ending._tag) {
    case "LoadFailed":
      return ending
    case "TimedOut":
      return { _tag: "TimedOut", limitMs: limits.wallMs }
    case "OutOfMemory":
      return { _tag: "OutOfMemory", limitBytes: limits.memoryBytes }
    case "OutputTooLarge":
      return { _tag: "OutputTooLarge", limitBytes: limits.outputBytes }
  }
}

const consoleText = (lines: string): string =>
  lines
    .split("\n")
    .slice(0, -1)
    .map((line) => `${(JSON.parse(line) as ReadonlyArray<unknown>).map(readGuestValue).map(printed).join(" ")}\n`)
    .join("")

// A reply that has the right shape but the wrong content could only come from a host that was taken over.
const safely = <Outcome>(read: () => Outcome): Outcome | (Stopped & { readonly output: string }) => {
  try {
    return read()
  } catch (problem) {
    return { _tag: "SandboxFailed", message: `The host's reply cannot be read: ${String(problem)}`, output: "" }
  }
}
