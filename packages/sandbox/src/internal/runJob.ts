import { stripTypeScriptTypes } from "node:module"
import { Guest } from "./Guest.ts"
import { retireInterpreter, takeInterpreter } from "./Interpreter.ts"
import type { CallEnding, HostEnding, HostJob, HostReply } from "./protocol.ts"

/** Runs one job in an interpreter of its own. The wall clock starts when the source is plain JavaScript. */
export const runJob = async (job: HostJob): Promise<HostReply> => {
  const reply = (ending: HostEnding, printed: string, durationMs: number): HostReply => ({
    nonce: job.nonce,
    durationMs,
    printed,
    ending
  })
  let source: string
  try {
    source = job.language === "typescript" ? stripTypes(job.source) : job.source
  } catch (problem) {
    return reply({ _tag: "LoadFailed", message: String(problem).slice(0, 500) }, "", 0)
  }
  const started = performance.now()
  const interpreter = await takeInterpreter(job.limits.memoryBytes)
  const guest = new Guest(interpreter, job.limits)
  const { ending, printed } = guest.attempt(() => run(guest, source, job))
  if (guest.isSound && ending._tag === "Finished") retireInterpreter(interpreter)
  return reply(ending, printed, performance.now() - started)
}

const run = (guest: Guest, source: string, job: HostJob): HostEnding => {
  if (job.calls === null) {
    const ending = guest.runProgram(source)
    return { _tag: "Finished", endings: [ending] }
  }
  const entry = guest.load(source, job.calls.entry)
  const endings: Array<CallEnding> = []
  for (const argumentText of job.calls.argumentTexts) endings.push(guest.call(entry, argumentText))
  return { _tag: "Finished", endings }
}

// Enums and parameter properties need code of their own, which only the second mode writes.
const stripTypes = (source: string): string => {
  try {
    return stripTypeScriptTypes(source)
  } catch {
    return stripTypeScriptTypes(source, { mode: "transform" })
  }
}
