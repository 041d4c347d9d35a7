// This room imports no Effect, so that it can be published alone; its two timers are Node's.
// @effect-diagnostics globalTimers:off
import type { ChildProcess } from "node:child_process"
import { holdProcess, startHost } from "./hostProcess.ts"
import { type HostJob, type HostReply, parseReply } from "./protocol.ts"

/** How a job ended for the parent. `Gone`: the host ended by itself or answered nonsense, which is no verdict on the program. */
export type SlotEnding =
  | { readonly _tag: "Replied"; readonly reply: HostReply }
  | { readonly _tag: "Killed" }
  | { readonly _tag: "Gone"; readonly detail: string }

// The host stops nearly every program on time itself. What it cannot interrupt, such as one huge multiplication, is killed
// this much later; the first TypeScript job of a host also loads the stripper, which has its own time.
const graceMs = { javascript: 500, typescript: 2500 }

/** One place in the pool: a host process that is started at the first job and replaced after a kill. One job at a time. */
export class HostSlot {
  #host: ChildProcess | undefined
  #running: Promise<SlotEnding> | undefined
  #isClosed = false

  /** Never rejects. The wall clock starts when a started host has the job, so a cold start costs the program nothing. */
  run(job: HostJob): Promise<SlotEnding> {
    this.#running = this.#run(job)
    return this.#running
  }

  /** Kills the host at once, in the middle of a job too, and waits until it is gone. */
  async close(): Promise<void> {
    this.#isClosed = true
    await this.#discard()
    await this.#running
    await this.#discard()
  }

  async #run(job: HostJob): Promise<SlotEnding> {
    try {
      this.#host ??= await startHost()
    } catch (problem) {
      return { _tag: "Gone", detail: problem instanceof Error ? problem.message : String(problem) }
    }
    if (this.#isClosed) return closed
    holdProcess(this.#host, true)
    const ending = await exchange(this.#host, job)
    if (this.#isClosed) return closed
    if (ending._tag !== "Replied") await this.#discard()
    else if (this.#host !== undefined) holdProcess(this.#host, false)
    return ending
  }

  async #discard(): Promise<void> {
    const host = this.#host
    this.#host = undefined
    if (host === undefined || host.exitCode !== null || host.signalCode !== null) return
    holdProcess(host, true)
    await new Promise<void>((resolve) => {
      host.once("exit", () => resolve())
      host.kill("SIGKILL")
    })
  }
}

/** The end of every job of a sandbox that was closed. */
export const closed: SlotEnding = { _tag: "Gone", detail: "The sandbox was closed." }

const exchange = (host: ChildProcess, job: HostJob): Promise<SlotEnding> =>
  new Promise((resolve) => {
    const finish = (ending: SlotEnding): void => {
      clearTimeout(watchdog)
      host.off("message", onMessage)
      host.off("exit", onExit)
      resolve(ending)
    }
    const onMessage = (message: unknown): void => {
      const reply = parseReply(message, job)
      finish(
        reply === undefined ? { _tag: "Gone", detail: "The host sent no valid reply." } : { _tag: "Replied", reply }
      )
    }
    const onExit = (code: number | null, signal: string | null): void =>
      finish({ _tag: "Gone", detail: `The host ended with ${signal ?? `code ${code}`}.` })
    const watchdog = setTimeout(() => finish({ _tag: "Killed" }), job.limits.wallMs + graceMs[job.language])
    host.on("message", onMessage)
    host.on("exit", onExit)
    if (host.exitCode !== null || host.signalCode !== null) onExit(host.exitCode, host.signalCode)
    else {
      host.send(JSON.stringify(job), (problem) => {
        if (problem !== null) finish({ _tag: "Gone", detail: `The host took no job: ${problem.message}.` })
      })
    }
  })
