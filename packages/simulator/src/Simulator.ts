import { createServer, type IncomingMessage, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"
import type { Account } from "./Account.ts"
import type { AnswerBook } from "./AnswerBook.ts"
import type { BatchFault } from "./BatchFault.ts"
import { type Clock, systemClock } from "./Clock.ts"
import type { Call, Fault } from "./Fault.ts"
import type { BatchPace } from "./internal/Batches.ts"
import { answerBatchRoute, isBatchPath } from "./internal/batchRoutes.ts"
import { control } from "./internal/control.ts"
import { printCredits } from "./internal/decimal.ts"
import { type Exchange, Gateway, type Latency, methodNotAllowed } from "./internal/Gateway.ts"
import type { JobOutput } from "./internal/Jobs.ts"
import { pathOf } from "./internal/pathOf.ts"
import { jsonReply, type Reply, refusalReply, send } from "./internal/Reply.ts"
import { tooLarge } from "./internal/sentences.ts"
import { headerFindings } from "./internal/strictRules.ts"
import { type SimulatedModel, simulatedModels } from "./SimulatedModel.ts"
import type { Violation } from "./Violation.ts"

/** The key of a simulator that was given none: of the gateway's form, and it opens nothing else. */
export const simulatorKey = "SG_5151a7e051515151"

export interface SimulatorOptions {
  /** Default 0: any free port. */
  readonly port?: number
  /** Default 127.0.0.1. The simulator is no server for a network. */
  readonly host?: string
  /** Default: `simulatorKey`. */
  readonly apiKey?: string
  /** The opening balance in pico-credits; default 10 credits. */
  readonly credits?: bigint
  /** The whole price list by slug; default `simulatedModels`. */
  readonly models?: Readonly<Record<string, SimulatedModel>>
  /** Default `{ medianMs: 0, spread: 0 }`: every reply at once. */
  readonly latency?: Latency
  /** Default: no limit. */
  readonly requestsPerMinute?: number
  /** Default: an empty map, so that every prompt gets the generic reply. */
  readonly answers?: AnswerBook
  /** By call index, or decided call by call. */
  readonly faults?: Readonly<Record<number, Fault>> | ((call: Call) => Fault | undefined)
  /** What goes wrong with batches, by the order of their creation. */
  readonly batchFaults?: Readonly<Record<number, BatchFault | ReadonlyArray<BatchFault>>>
  /** Default `{ validatingMs: 50, runningMs: 200, finalizingMs: 50 }`; the real ones take minutes to hours. */
  readonly batchPace?: Partial<BatchPace>
  /** How a job on `/v2` tells the vendor's reply; default `string`, as the gateway's own client reads it. */
  readonly jobOutput?: JobOutput
  /** Answers 400 to every request that the contract forbids, and records it in `violations`. Default off. */
  readonly strict?: boolean
  /** Default: the system's. */
  readonly clock?: Clock
}

export interface Simulator {
  /** Without a trailing slash. */
  readonly url: string
  readonly apiKey: string
  readonly account: Account
  readonly answers: AnswerBook
  /** Faults still to come, by call index; they win over a function given in the options. */
  readonly faults: Map<number, Fault>
  /** POSTs for a completion so far, refused ones included: the index of the next call. */
  readonly calls: number
  /** Faults of batches still to come, by the order of their creation. */
  readonly batchFaults: Map<number, ReadonlyArray<BatchFault>>
  /** Batches made so far. */
  readonly batches: number
  /** What strict mode has found, at most the first thousand. */
  readonly violations: ReadonlyArray<Violation>
  /** Breaks all connections and drops running jobs, which are then never charged. Safe to repeat. */
  close(): Promise<void>
}

/** Listens on loopback with Segmind's wire contract. Rejects when the port is taken. */
export const startSimulator = async (options: SimulatorOptions = {}): Promise<Simulator> => {
  const script = options.faults
  const gateway = new Gateway({
    apiKey: options.apiKey ?? simulatorKey,
    credits: options.credits ?? 10_000_000_000_000n,
    models: options.models ?? simulatedModels,
    answers: options.answers ?? new Map(),
    clock: options.clock ?? systemClock,
    latency: options.latency ?? { medianMs: 0, spread: 0 },
    requestsPerMinute: options.requestsPerMinute,
    faults: new Map(
      typeof script === "object" ? Object.entries(script).map(([index, fault]) => [Number(index), fault]) : []
    ),
    scriptedFault: typeof script === "function" ? script : undefined,
    batchFaults: new Map(
      Object.entries(options.batchFaults ?? {}).map(([index, fault]) => [Number(index), [fault].flat()])
    ),
    batchPace: { validatingMs: 50, runningMs: 200, finalizingMs: 50, ...options.batchPace },
    jobOutput: options.jobOutput ?? "string",
    strict: options.strict ?? false
  })
  const server = createServer((request, response) => receive(gateway, request, response))
  // The default of 5 s closes connections under a client's next request, which the client must then call ambiguous.
  server.keepAliveTimeout = 120_000
  const host = options.host ?? "127.0.0.1"
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject)
    server.listen(options.port ?? 0, host, resolve)
  })
  const { port } = server.address() as AddressInfo
  return {
    url: `http://${host.includes(":") ? `[${host}]` : host}:${port}`,
    apiKey: gateway.options.apiKey,
    account: gateway.account,
    answers: gateway.options.answers,
    faults: gateway.options.faults,
    get calls() {
      return gateway.calls
    },
    batchFaults: gateway.options.batchFaults,
    get batches() {
      return gateway.batches.count
    },
    violations: gateway.violations.list,
    close: () => {
      gateway.close()
      return new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      })
    }
  }
}

/** A prompt of 4 million characters is past every context window; an answer book of a large dataset is larger. */
const bodyLimits = { call: 16 * 1024 * 1024, control: 256 * 1024 * 1024 }

/** The input file of a batch may have 200 MB. */
const limitOf = (url: string | undefined): number =>
  url?.startsWith("/simulator/") || url === "/v1/files" ? bodyLimits.control : bodyLimits.call

/** Collects the body and routes. The body is read before any check, so that a kept connection stays in step. */
const receive = (gateway: Gateway, request: IncomingMessage, response: ServerResponse): void => {
  const limit = limitOf(request.url)
  const chunks: Array<Buffer> = []
  let size = 0
  request.on("data", (chunk: Buffer) => {
    size += chunk.length
    if (size <= limit) chunks.push(chunk)
  })
  request.on("end", () => {
    const [first] = chunks
    const body = first !== undefined && chunks.length === 1 ? first.toString() : Buffer.concat(chunks).toString()
    const exchange = exchangeFor({ request, response, body })
    if (size > limit) send(response, refusalReply(tooLarge, "segmind"))
    else if (exchange === undefined) answerAside(gateway, { request, response, body })
    else if (request.method !== "POST") send(response, methodNotAllowed)
    else gateway.complete(exchange)
  })
}

interface Received {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly body: string
}

/** The call that a path stands for; `undefined` for the routes that are none. */
const exchangeFor = (received: Received): Exchange | undefined => {
  const path = pathOf(received.request)
  if (path === "/v1/chat/completions") return { ...received, dialect: "openai", named: undefined, submits: false }
  const submits = path.startsWith("/v2/")
  if (!submits && !path.startsWith("/v1/")) return undefined
  const slug = path.slice(4)
  if (!/^[A-Za-z0-9._-]+$/.test(slug) || notSlugs.has(slug)) return undefined
  return { ...received, dialect: "segmind", named: slug, submits }
}

/** Names on `/v1` and `/v2` that are routes of their own. */
const notSlugs: ReadonlySet<string> = new Set(["get-user-credits", "files", "batches", "requests"])

/** Everything that is not a call: files and batches, and what `replyAside` answers. */
const answerAside = (gateway: Gateway, received: Received): void => {
  if (isBatchPath(pathOf(received.request))) answerBatchRoute(gateway, received)
  else send(received.response, replyAside(gateway, received))
}

/** Jobs, the balance, the control plane, and a 404 for the rest. */
const replyAside = (gateway: Gateway, { request, body }: Received): Reply => {
  const [path, method] = [pathOf(request), request.method ?? ""]
  const job = /^\/v(?:1\/requests\/([^/]+)|2\/requests\/([^/]+)(\/status)?)$/.exec(path)
  const known = job !== null || path === "/v1/get-user-credits"
  const isControl = path.startsWith("/simulator/")
  const violation = isControl ? undefined : violationOf(gateway, request, known)
  if (violation !== undefined) return refusalReply(violation, "segmind")
  if (!known && !isControl) return jsonReply(404, { error: "Not found" })
  if (known && method !== "GET") return methodNotAllowed
  const badKey = gateway.checkKey(request, "segmind")
  if (badKey !== undefined) return refusalReply(badKey, "segmind")
  if (job !== null) return gateway.jobs.read(job[1] ?? job[2] ?? "", job[3] === undefined)
  return isControl ? control(gateway, { method, path, body }) : balanceReply(gateway.account.balance)
}

const violationOf = (gateway: Gateway, request: IncomingMessage, known: boolean) =>
  gateway.options.strict
    ? gateway.violations.record(request, [
        ...(known ? [] : [{ rule: "route" as const, detail: `there is no ${request.method} ${pathOf(request)}` }]),
        ...headerFindings(request.headers, "segmind")
      ])
    : undefined

/** The digits are written by hand: a float would round a balance of many decimals. */
const balanceReply = (balance: bigint): Reply => ({
  status: 200,
  headers: ["content-type", "application/json"],
  body: `{"credits":${printCredits(balance)},"free-credits":0}`
})
