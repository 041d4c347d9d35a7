import { createServer, type IncomingMessage, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"
import type { Account } from "./Account.ts"
import type { AnswerBook } from "./AnswerBook.ts"
import { type Clock, systemClock } from "./Clock.ts"
import type { Call, Fault } from "./Fault.ts"
import { control } from "./internal/control.ts"
import { printCredits } from "./internal/decimal.ts"
import { type Exchange, Gateway, type Latency, methodNotAllowed } from "./internal/Gateway.ts"
import { jsonReply, type Reply, refusalReply, send } from "./internal/Reply.ts"
import { tooLarge } from "./internal/sentences.ts"
import { type SimulatedModel, simulatedModels } from "./SimulatedModel.ts"

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
    scriptedFault: typeof script === "function" ? script : undefined
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

/** Collects the body and routes. The body is read before any check, so that a kept connection stays in step. */
const receive = (gateway: Gateway, request: IncomingMessage, response: ServerResponse): void => {
  const limit = request.url?.startsWith("/simulator/") ? bodyLimits.control : bodyLimits.call
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
    else if (exchange === undefined) send(response, answerAside(gateway, request, body))
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
  const slug = slugOf(pathOf(received.request))
  if (slug === "chat/completions") return { ...received, dialect: "openai", named: undefined }
  if (slug === "get-user-credits" || !/^[A-Za-z0-9._-]+$/.test(slug)) return undefined
  return { ...received, dialect: "segmind", named: slug }
}

const pathOf = (request: IncomingMessage): string => request.url?.split("?", 1)[0] ?? ""

const slugOf = (path: string): string => (path.startsWith("/v1/") ? path.slice(4) : "")

/** The balance, the control plane, and the 404 for all that is nothing. */
const answerAside = (gateway: Gateway, request: IncomingMessage, body: string): Reply => {
  const [path, method] = [pathOf(request), request.method ?? ""]
  const isBalance = slugOf(path) === "get-user-credits"
  if (!isBalance && !path.startsWith("/simulator/")) return jsonReply(404, { error: "Not found" })
  if (isBalance && method !== "GET") return methodNotAllowed
  const refused = gateway.checkKey(request, "segmind")
  if (refused !== undefined) return refusalReply(refused, "segmind")
  return isBalance ? balanceReply(gateway.account.balance) : control(gateway, { method, path, body })
}

/** The digits are written by hand: a float would round a balance of many decimals. */
const balanceReply = (balance: bigint): Reply => ({
  status: 200,
  headers: ["content-type", "application/json"],
  body: `{"credits":${printCredits(balance)},"free-credits":0}`
})
