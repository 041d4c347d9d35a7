import { spawn } from "node:child_process"
import { once } from "node:events"
import { createInterface } from "node:readline"
import { fileURLToPath } from "node:url"
import { Ledger, type LedgerJournal, ModelClient, type Provider, simulator } from "@assay/core"
import { layer as layerNetwork } from "@assay/core/node"
import { Effect, Layer, ManagedRuntime, Redacted } from "effect"
import { Agent, request as undiciRequest } from "undici"

/** What one round of calls took of this process. */
export interface Sample {
  /** Milliseconds of CPU a call. */
  readonly cpu: number
  /** Calls a second. */
  readonly rate: number
}

/** Puts `calls` prompts with so many in flight; each is a prompt of its own. */
export type Load = (options: { readonly calls: number; readonly concurrency: number }) => Promise<void>

/** The simulator in a process of its own, with credits for every bench, and this latency for the prompt of the loads. */
export const startSimulatorProcess = async (latencyMillis: number) => {
  if (latencyMillis === 0) return spawnSimulator(0)
  // Its latency grows with the tokens of the reply and is told for 350 of them; the reply is the same each time.
  const probe = await spawnSimulator(0)
  const { body, headers } = wireRequest(probe)
  const reply = await undiciRequest(`${probe.url}/v1/o3-mini`, { method: "POST", headers, body })
  const { usage } = (await reply.body.json()) as { readonly usage: { readonly completion_tokens: number } }
  probe.stop()
  return spawnSimulator((latencyMillis * 350) / usage.completion_tokens)
}

const spawnSimulator = async (medianMillis: number) => {
  const main = fileURLToPath(new URL("./main.ts", import.meta.resolve("@assay/simulator")))
  const flags = ["--credits", "1000000", "--latency", String(medianMillis), "--spread", "0", "--with-parent"]
  const child = spawn(process.execPath, [main, ...flags], { stdio: ["pipe", "pipe", "inherit"] })
  const [line] = await once(createInterface({ input: child.stdout }), "line")
  const { url, apiKey } = JSON.parse(String(line)) as { readonly url: string; readonly apiKey: string }
  return { url, apiKey, stop: () => child.kill("SIGTERM") }
}

type Simulator = Awaited<ReturnType<typeof spawnSimulator>>

const system = `You solve problems step by step and answer with the number alone. ${"Rules matter here. ".repeat(30)}`
const user = `${"A crate holds twelve jars and seven crates are on the shelf. ".repeat(15)}How many jars are there?`

const requestOf = (trialIndex: number) => ({
  model: "o3-mini",
  messages: [
    { role: "system" as const, content: system },
    { role: "user" as const, content: user }
  ],
  reasoningEffort: "medium" as const,
  maxCompletionTokens: 2000,
  trialIndex
})

const wireRequest = ({ apiKey }: Pick<Simulator, "apiKey">) => {
  const { messages, reasoningEffort, maxCompletionTokens } = requestOf(0)
  return {
    headers: { accept: "application/json", "content-type": "application/json", "x-api-key": apiKey },
    body: JSON.stringify({ messages, reasoning_effort: reasoningEffort, max_completion_tokens: maxCompletionTokens })
  }
}

/** The least that a call can be: undici's `request` in a loop, the reply parsed and nothing kept. */
export const bareLoad = (simulator: Simulator) => {
  const agent = new Agent({ pipelining: 1, allowH2: false })
  const { body, headers } = wireRequest(simulator)
  const load: Load = async ({ calls, concurrency }) => {
    let left = calls
    const worker = async () => {
      while (left-- > 0) {
        const reply = await agent.request({ origin: simulator.url, path: "/v1/o3-mini", method: "POST", headers, body })
        const text = await reply.body.text()
        if (reply.statusCode !== 200) throw new Error(`the simulator answered ${reply.statusCode}: ${text}`)
        JSON.parse(text)
      }
    }
    await Promise.all(Array.from({ length: concurrency }, worker))
  }
  return { load, close: () => agent.destroy() }
}

/** The whole client over a journal: ledger, limits, retries, decoding. */
export const clientLoad = <E>(
  { url, apiKey }: Simulator,
  journal: Layer.Layer<LedgerJournal, E>,
  concurrency: number
) => {
  const provider: Provider = simulator(Redacted.make(apiKey), url)
  const client = ModelClient.layer({ providers: [provider], concurrency }).pipe(
    Layer.provideMerge(Ledger.layer({ budget: "bench", limit: 10n ** 18n })),
    Layer.provide([journal, layerNetwork])
  )
  const runtime = ManagedRuntime.make(client)
  let next = 0
  const load: Load = ({ calls, concurrency }) =>
    runtime.runPromise(
      Effect.flatMap(ModelClient, ({ complete }) => {
        const end = next + calls
        const call = Effect.suspend(() => complete(requestOf(next++)))
        const worker = Effect.whileLoop({ while: () => next < end, body: () => call, step: () => {} })
        const workers = Array.from({ length: concurrency }, () => worker)
        return Effect.all(workers, { concurrency: "unbounded", discard: true })
      })
    )
  return { load, close: () => runtime.dispose() }
}

/** Runs loads in turns, so that a busy machine hurts all of them alike. The first round warms up and does not count. */
export const interleaved = async (
  loads: Readonly<Record<string, Load>>,
  options: { readonly calls: number; readonly concurrency: number; readonly rounds: number }
): Promise<Readonly<Record<string, ReadonlyArray<Sample>>>> => {
  const names = Object.keys(loads)
  const samples: Record<string, Array<Sample>> = Object.fromEntries(names.map((name) => [name, []]))
  for (let round = 0; round <= options.rounds; round += 1) {
    for (let index = 0; index < names.length; index += 1) {
      const name = names[(index + round) % names.length] ?? ""
      const load = loads[name]
      if (load === undefined) continue
      const sample = await measure(load, options)
      if (round > 0) samples[name]?.push(sample)
    }
  }
  return samples
}

const measure = async (
  load: Load,
  options: { readonly calls: number; readonly concurrency: number }
): Promise<Sample> => {
  const cpuBefore = process.cpuUsage()
  const begin = performance.now()
  await load(options)
  const seconds = (performance.now() - begin) / 1000
  const { user, system } = process.cpuUsage(cpuBefore)
  return { cpu: (user + system) / 1000 / options.calls, rate: options.calls / seconds }
}

export const median = (numbers: ReadonlyArray<number>): number =>
  numbers.toSorted((a, b) => a - b)[numbers.length >> 1] ?? Number.NaN
