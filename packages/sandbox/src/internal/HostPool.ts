import { closed, HostSlot, type SlotEnding } from "./HostSlot.ts"
import type { HostJob } from "./protocol.ts"

// Beyond this the caller has lost the measure of what it asks for, and memory would be the next to go.
const maximumWaiting = 10_000

interface Waiting {
  readonly job: HostJob
  readonly resolve: (ending: SlotEnding) => void
}

/** Gives jobs to slots, first come first served. A host that dies by itself gets its job once more in a new process. */
export class HostPool {
  readonly #slots: ReadonlyArray<HostSlot>
  readonly #idle: Array<HostSlot>
  #waiting: Array<Waiting> = []
  #isClosed = false

  constructor(workers: number) {
    this.#slots = Array.from({ length: workers }, () => new HostSlot())
    // Slots are taken from the end and put back there, so that a pool that is too large keeps its warm hosts busy.
    this.#idle = [...this.#slots]
  }

  /** Never rejects. */
  run(job: HostJob): Promise<SlotEnding> {
    if (this.#isClosed) return Promise.resolve(closed)
    if (this.#waiting.length >= maximumWaiting) {
      return Promise.resolve({ _tag: "Gone", detail: `More than ${maximumWaiting} programs wait for the sandbox.` })
    }
    return new Promise((resolve) => {
      this.#waiting.push({ job, resolve })
      this.#next()
    })
  }

  async close(): Promise<void> {
    this.#isClosed = true
    for (const { resolve } of this.#waiting.splice(0)) resolve(closed)
    await Promise.all(this.#slots.map((slot) => slot.close()))
  }

  #next(): void {
    const slot = this.#idle.pop()
    if (slot === undefined) return
    const waiting = this.#waiting.shift()
    if (waiting === undefined) {
      this.#idle.push(slot)
      return
    }
    void this.#attempt(slot, waiting.job).then((ending) => {
      this.#idle.push(slot)
      waiting.resolve(ending)
      this.#next()
    })
  }

  async #attempt(slot: HostSlot, job: HostJob): Promise<SlotEnding> {
    const ending = await slot.run(job)
    return ending._tag === "Gone" && !this.#isClosed ? slot.run(job) : ending
  }
}
