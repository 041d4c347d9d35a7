import { fork } from "node:child_process"
import { once } from "node:events"
import { Agent as HttpAgent, request as httpRequest } from "node:http"
import { parseArgs } from "node:util"
import { Effect } from "effect"
import { HttpBody, HttpClient, HttpClientRequest } from "effect/http"
import { Agent, type Dispatcher } from "undici"
import { dispatchClient } from "../src/internal/transport/dispatchClient.ts"
import { nodeHttpClient } from "./transports/nodeHttp.ts"
import { undiciRequestClient } from "./transports/undiciRequest.ts"

// What one call costs our process on each transport, bare and behind Effect's HttpClient. The rounds are interleaved,
// so that a busy machine hurts every variant alike; read CPU and the ratio, not calls/s.
//   node bench/transport.bench.ts [--n 10000] [--concurrency 64] [--rounds 3] [--json]
const { values: flags } = parseArgs({
  options: {
    n: { type: "string", default: "10000" },
    concurrency: { type: "string", default: "64" },
    rounds: { type: "string", default: "3" },
    json: { type: "boolean", default: false }
  }
})
const calls = Number(flags.n)
const rounds = Number(flags.rounds)

const payload = JSON.stringify({
  messages: [
    { role: "system", content: "s".repeat(600) },
    { role: "user", content: "u".repeat(960) }
  ],
  reasoning_effort: "medium",
  max_completion_tokens: 2000
})
const headers = { "content-type": "application/json", "x-api-key": "SG_0000000000000000" }

const server = fork(new URL("./transports/server.ts", import.meta.url))
const [port] = await once(server, "message")
const origin = `http://127.0.0.1:${port}`
const agent = new Agent({ pipelining: 1, allowH2: false })
const httpAgent = new HttpAgent({ keepAlive: true, maxFreeSockets: 1024 })

const bareRequest = async (path: string) => {
  const { body } = await agent.request({ origin, path, method: "POST", headers, body: payload })
  JSON.parse(await body.text())
}

const bareDispatch = (path: string) =>
  new Promise<void>((resolve, reject) => {
    const chunks: Array<Buffer> = []
    const handler: Dispatcher.DispatchHandler = {
      onRequestStart: () => {},
      onResponseStart: () => {},
      onResponseData: (_, chunk) => void chunks.push(chunk),
      onResponseEnd: () => {
        JSON.parse(Buffer.concat(chunks).toString())
        resolve()
      },
      onResponseError: (_, error) => reject(error)
    }
    agent.dispatch({ origin, path, method: "POST", headers, body: payload }, handler)
  })

const bareHttp = (path: string) =>
  new Promise<void>((resolve, reject) => {
    httpRequest({ agent: httpAgent, host: "127.0.0.1", port, path, method: "POST", headers }, (message) => {
      const chunks: Array<Buffer> = []
      message
        .on("data", (chunk: Buffer) => chunks.push(chunk))
        .on("end", () => {
          JSON.parse(Buffer.concat(chunks).toString())
          resolve()
        })
    })
      .on("error", reject)
      .end(payload)
  })

type Variant = (path: string, calls: number, concurrency: number) => Promise<unknown>

const bare =
  (call: (path: string) => Promise<void>): Variant =>
  (path, calls, concurrency) => {
    let left = calls
    const worker = async () => {
      while (left-- > 0) await call(path)
    }
    return Promise.all(Array.from({ length: concurrency }, worker))
  }

const layered =
  (client: HttpClient.HttpClient): Variant =>
  (path, calls, concurrency) => {
    let left = calls
    const call = Effect.suspend(() =>
      client.execute(
        HttpClientRequest.post(origin + path, { headers, body: HttpBody.text(payload, "application/json") })
      )
    ).pipe(
      Effect.flatMap((response) => response.text),
      Effect.map(JSON.parse)
    )
    const worker = Effect.whileLoop({ while: () => left-- > 0, body: () => call, step: () => {} })
    return Effect.runPromise(
      Effect.all(
        Array.from({ length: concurrency }, () => worker),
        { concurrency: "unbounded", discard: true }
      ).pipe(Effect.provideService(HttpClient.TracerPropagationEnabled, false))
    )
  }

const chosen = dispatchClient(agent)
const variants: Readonly<Record<string, Variant>> = {
  "bare undici request": bare(bareRequest),
  "bare undici dispatch": bare(bareDispatch),
  "bare node:http": bare(bareHttp),
  "client over undici request": layered(undiciRequestClient(agent)),
  "client over undici dispatch": layered(chosen),
  "client over dispatch in HttpClient.make": layered(HttpClient.make((request) => chosen.execute(request))),
  "client over node:http": layered(nodeHttpClient(httpAgent))
}
const names = Object.keys(variants)

interface Sample {
  readonly cpu: number
  readonly rate: number
}

const measure = async (variant: Variant, path: string, calls: number, concurrency: number): Promise<Sample> => {
  const cpuBefore = process.cpuUsage()
  const begin = performance.now()
  await variant(path, calls, concurrency)
  const seconds = (performance.now() - begin) / 1000
  const { user, system } = process.cpuUsage(cpuBefore)
  return { cpu: (user + system) / 1000 / calls, rate: calls / seconds }
}

const interleaved = async (path: string, calls: number, concurrency: number) => {
  const samples = new Map<string, Array<Sample>>(names.map((name) => [name, []]))
  for (const name of names) await variants[name]?.(path, Math.min(calls, 2000), concurrency)
  for (let round = 0; round < rounds; round++) {
    // Each round begins with another variant, so that none always follows the same neighbour.
    for (let index = 0; index < names.length; index++) {
      const name = names[(index + round) % names.length] ?? ""
      const variant = variants[name]
      if (variant !== undefined) samples.get(name)?.push(await measure(variant, path, calls, concurrency))
    }
  }
  return samples
}

const median = (numbers: ReadonlyArray<number>) => numbers.toSorted((a, b) => a - b)[numbers.length >> 1] ?? Number.NaN

// The whole transport may cost 50 microseconds a trial (architecture.md); only what is shipped is held to it.
const cpuBar = (name: string) => (name === "client over undici dispatch" ? 0.05 : null)

const print = (title: string, samples: ReadonlyMap<string, ReadonlyArray<Sample>>, barred: boolean) => {
  const base = median((samples.get("bare undici request") ?? []).map(({ cpu }) => cpu))
  if (!flags.json) say(`\n${title}`)
  for (const [name, taken] of samples) {
    const cpu = taken.map((sample) => sample.cpu)
    const rate = taken.map((sample) => sample.rate)
    if (flags.json) {
      const bar = barred ? cpuBar(name) : null
      line(`${name}, ${title}, cpu`, median(cpu), "ms/call", bar, bar === null || median(cpu) <= bar)
      line(`${name}, ${title}, throughput`, median(rate), "calls/s", null, true)
      line(`${name}, ${title}, cpu over bare undici request`, median(cpu) / base, "ratio", null, true)
    } else {
      const spread = `${Math.min(...cpu).toFixed(4)}-${median(cpu).toFixed(4)} ms/call`
      const ratio = `x${(median(cpu) / base).toFixed(2)}`
      const speed = `${Math.round(Math.max(...rate))} best, ${Math.round(median(rate))} median calls/s`
      say(`${name.padEnd(42)} ${spread}  ${ratio}  ${speed}`)
    }
  }
}

const say = (text: string) => process.stdout.write(`${text}\n`)

const line = (measure: string, value: number, unit: string, bar: number | null, ok: boolean) =>
  say(JSON.stringify({ measure, value: Number(value.toPrecision(4)), unit, bar, ok }))

const concurrency = Number(flags.concurrency)
print(`zero latency, ${concurrency} in flight`, await interleaved("/0", calls, concurrency), true)
print("50 ms latency, 256 in flight", await interleaved("/50", Math.max(2560, calls / 2), 256), false)

await agent.destroy()
httpAgent.destroy()
server.disconnect()
