import { type IncomingMessage, request } from "node:http"
import { buffer } from "node:stream/consumers"
import { onTestFinished } from "vitest"
import { type Clock, type Simulator, type SimulatorOptions, startSimulator } from "../src/index.ts"

/** A simulator that closes with its test. */
export const start = async (options: SimulatorOptions = {}): Promise<Simulator> => {
  const simulator = await startSimulator(options)
  onTestFinished(() => simulator.close())
  return simulator
}

export interface Answered {
  readonly status: number
  readonly headers: IncomingMessage["headersDistinct"]
  readonly text: string
  readonly bytes: Buffer
}

interface Asked {
  readonly method?: string
  readonly path?: string
  /** Added to a right key and content type; `null` takes one away. */
  readonly headers?: Readonly<Record<string, string | null>>
  readonly body?: unknown
}

/** One HTTP exchange over a connection of its own; a text body goes out as it is, anything else as JSON. */
export const ask = (simulator: Simulator, asked: Asked = {}): Promise<Answered> =>
  new Promise((resolve, reject) => {
    const headers = { "x-api-key": simulator.apiKey, "content-type": "application/json", ...asked.headers }
    const kept = Object.entries(headers).filter((entry): entry is [string, string] => entry[1] !== null)
    const call = request(`${simulator.url}${asked.path ?? "/v1/o3-mini"}`, {
      method: asked.method ?? "POST",
      headers: Object.fromEntries(kept),
      agent: false
    })
    call.on("error", reject)
    call.on("response", (response) => {
      buffer(response).then((bytes) => {
        const { statusCode = 0, headersDistinct } = response
        resolve({ status: statusCode, headers: headersDistinct, text: bytes.toString(), bytes })
      }, reject)
    })
    const body = asked.body ?? hello
    call.end(typeof body === "string" ? body : JSON.stringify(body))
  })

export const hello = { messages: [{ role: "user", content: "Say hello." }] }

/** The one value of a header that must be there exactly once. */
export const header = (answered: Answered, name: string): string => {
  const values = answered.headers[name] ?? []
  if (values.length !== 1) throw new Error(`${name} came ${values.length} times`)
  return values[0] ?? ""
}

export interface Completion {
  readonly id: string
  readonly choices: ReadonlyArray<{
    readonly message: { readonly content: string | null; readonly refusal: string | null }
    readonly finish_reason: string
  }>
  readonly usage: {
    readonly prompt_tokens: number
    readonly completion_tokens: number
    readonly completion_tokens_details: { readonly reasoning_tokens: number }
  }
}

export const completionOf = (answered: Answered): Completion => JSON.parse(answered.text) as Completion

export const contentOf = (answered: Answered) => completionOf(answered).choices[0]?.message.content

/** Exact pico-credits of a decimal, written apart from the simulator's own so that a slip in one shows. */
export const pico = (decimal: string): bigint => {
  const [whole = "", fraction = ""] = decimal.split(".")
  if (!/^\d+$/.test(whole) || !/^\d{0,12}$/.test(fraction)) throw new Error(`${decimal} is not an exact decimal`)
  return BigInt(whole + fraction.padEnd(12, "0"))
}

export interface ManualClock extends Clock {
  /** Moves the time and runs what has come due, in order. */
  advance(milliseconds: number): void
  /** Resolves once so many actions have been scheduled in all. */
  scheduled(count: number): Promise<void>
}

export const manualClock = (start = 1_800_000_000_000): ManualClock => {
  let time = start
  let scheduled = 0
  let queue: ReadonlyArray<{ readonly at: number; readonly action: () => void }> = []
  const watchers = new Set<() => void>()
  return {
    now: () => time,
    after: (milliseconds, action) => {
      const entry = { at: time + milliseconds, action }
      queue = [...queue, entry].toSorted((left, right) => left.at - right.at)
      scheduled++
      for (const watch of watchers) watch()
      return () => {
        queue = queue.filter((other) => other !== entry)
      }
    },
    advance: (milliseconds) => {
      const end = time + milliseconds
      for (let next = queue[0]; next !== undefined && next.at <= end; next = queue[0]) {
        queue = queue.slice(1)
        time = next.at
        next.action()
      }
      time = end
    },
    scheduled: (count) =>
      new Promise((resolve) => {
        const watch = () => {
          if (scheduled < count) return
          watchers.delete(watch)
          resolve()
        }
        watchers.add(watch)
        watch()
      })
  }
}
