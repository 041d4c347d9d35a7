import { type ChildProcess, spawn } from "node:child_process"
import { once } from "node:events"
import { connect, type Socket } from "node:net"
import { createInterface } from "node:readline"
import { fileURLToPath } from "node:url"
import { hashMessages, type SimulatedAnswer, type SimulatedMessage } from "../src/index.ts"

/**
 * Requests per second at zero latency: the simulator in its own process, this process as its client over raw
 * keep-alive sockets. `--json` prints one line per measure; the exit code says whether every bar was met.
 */
const seconds = 4
const sockets = 32
const bar = 15_000

interface Place {
  readonly url: string
  readonly apiKey: string
}

const plain: ReadonlyArray<SimulatedMessage> = [
  { role: "user", content: "A crate holds 12 jars. How many jars in 7 crates?" }
]

/** About 1,100 bytes, as a well built prompt has them. */
const structured: ReadonlyArray<SimulatedMessage> = [
  { role: "system", content: "You are a careful accountant who checks every sum before writing it down." },
  {
    role: "user",
    content:
      "### Task\nWork out the quantity that is asked for.\n\n1. List what is given.\n2. Combine it step by step.\n" +
      "3. Check the result once more.\n\n<question>\nA crate holds 12 jars. How many jars in 7 crates?\n</question>\n\n" +
      `${"Mind the units, and leave aside what the question does not need. ".repeat(11)}\n\n` +
      "End with a final line of the form `Answer: <number>`."
  }
]

const answer: SimulatedAnswer = { right: "84", wrong: ["74", "19", "96"], difficulty: 0.3, format: "number" }

const main = async (): Promise<void> => {
  const child = spawn(
    process.execPath,
    [fileURLToPath(new URL("../src/main.ts", import.meta.url)), "--credits", "1000000000"],
    {
      stdio: ["ignore", "pipe", "inherit"]
    }
  )
  try {
    const place = await placeOf(child)
    await fetch(`${place.url}/simulator/answers`, {
      method: "PUT",
      headers: { "x-api-key": place.apiKey },
      body: JSON.stringify({ [hashMessages(plain)]: answer, [hashMessages(structured)]: answer })
    })
    await measure(place, { messages: plain, depth: 1, forSeconds: 1 })
    report("plain prompt, one request in flight a socket", await measure(place, { messages: plain, depth: 1 }))
    report("plain prompt, 8 pipelined a socket", await measure(place, { messages: plain, depth: 8 }))
    report("structured prompt, 8 pipelined a socket", await measure(place, { messages: structured, depth: 8 }))
  } finally {
    child.kill("SIGTERM")
  }
}

const placeOf = async (child: ChildProcess): Promise<Place> => {
  if (child.stdout === null) throw new Error("The simulator's output is not a pipe.")
  for await (const line of createInterface({ input: child.stdout })) return JSON.parse(line) as Place
  throw new Error("The simulator ended before it listened.")
}

interface Load {
  readonly messages: ReadonlyArray<SimulatedMessage>
  /** Requests in flight on each socket. */
  readonly depth: number
  readonly forSeconds?: number
}

/** Requests per second. Every reply must have been a charged completion, or the number would be of refusals. */
const measure = async (place: Place, { messages, depth, forSeconds = seconds }: Load): Promise<number> => {
  const { hostname, port } = new URL(place.url)
  const lanes = Array.from({ length: sockets }, () => connect(Number(port), hostname).setNoDelay())
  await Promise.all(lanes.map((socket) => once(socket, "connect")))
  const before = await chargesOf(place)
  const started = performance.now()
  const until = started + forSeconds * 1000
  const counts = await Promise.all(
    lanes.map((socket, lane) => drive(socket, { next: requests(place, messages, lane), depth, until }))
  )
  const elapsed = performance.now() - started
  const replies = counts.reduce((total, count) => total + count, 0)
  const charges = (await chargesOf(place)) - before
  if (charges !== replies) throw new Error(`${replies} replies came, but ${charges} calls were charged.`)
  return (replies * 1000) / elapsed
}

const chargesOf = async ({ url, apiKey }: Place): Promise<number> => {
  const response = await fetch(`${url}/simulator/account`, { headers: { "x-api-key": apiKey } })
  return ((await response.json()) as { readonly charges: number }).charges
}

interface Lane {
  readonly next: () => string
  readonly depth: number
  readonly until: number
}

/** Keeps a socket busy until the time is up, then waits for what is still in flight; the number of replies. */
const drive = (socket: Socket, { next, depth, until }: Lane): Promise<number> =>
  new Promise((resolve, reject) => {
    let sent = 0
    let received = 0
    let tail = ""
    const send = (count: number) => {
      let bytes = ""
      for (let index = 0; index < count; index++) bytes += next()
      sent += count
      socket.write(bytes, "latin1")
    }
    socket.on("error", reject)
    socket.on("data", (chunk: Buffer) => {
      const text = tail + chunk.toString("latin1")
      let arrived = 0
      for (let at = text.indexOf(statusLine); at >= 0; at = text.indexOf(statusLine, at + 1)) arrived++
      // A status line may be split between two chunks; a whole one must not be counted twice.
      tail = text.slice(1 - statusLine.length)
      received += arrived
      if (performance.now() < until) {
        if (arrived > 0) send(arrived)
      } else if (received === sent) {
        socket.destroy()
        resolve(received)
      }
    })
    send(depth)
  })

const statusLine = "HTTP/1.1 "

/** Each request has its own seed, so that nothing could be remembered. Seeds of one length keep the head the same. */
const requests = ({ apiKey }: Place, messages: ReadonlyArray<SimulatedMessage>, lane: number): (() => string) => {
  const bodyOf = (seed: number) =>
    JSON.stringify({ messages, reasoning_effort: "medium", max_completion_tokens: 2000, seed })
  let seed = 1_000_000_000 + lane * 10_000_000
  const [before, after] = bodyOf(seed).split(String(seed))
  const head =
    "POST /v1/o3-mini HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\n" +
    `x-api-key: ${apiKey}\r\ncontent-length: ${Buffer.byteLength(bodyOf(seed))}\r\n\r\n${before}`
  return () => `${head}${seed++}${after}`
}

const report = (measure: string, perSecond: number): void => {
  const value = Math.round(perSecond)
  const ok = value >= bar
  if (!ok) process.exitCode = 1
  if (process.argv.includes("--json")) {
    console.log(JSON.stringify({ measure: `simulator: ${measure}`, value, unit: "requests/s", bar, ok }))
  } else {
    console.log(
      `${measure}: ${value.toLocaleString("en-US")} requests/s (${ok ? "meets" : "misses"} the bar of ${bar.toLocaleString("en-US")})`
    )
  }
}

await main()
