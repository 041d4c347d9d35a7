import { randomUUID } from "node:crypto"
import type { IncomingMessage, ServerResponse } from "node:http"
import { CreditAccount } from "../Account.ts"
import type { AnswerBook } from "../AnswerBook.ts"
import type { BatchFault } from "../BatchFault.ts"
import type { Clock } from "../Clock.ts"
import type { Call, Fault } from "../Fault.ts"
import type { SimulatedModel } from "../SimulatedModel.ts"
import { Batches, type BatchPace } from "./Batches.ts"
import { completionReply } from "./completionReply.ts"
import { printCredits } from "./decimal.ts"
import { deliver, reset } from "./deliver.ts"
import { type JobOutput, Jobs, submitReply } from "./Jobs.ts"
import { RateLimit } from "./RateLimit.ts"
import { isRefusal, type Refusal, refusal } from "./Refusal.ts"
import { htmlReply, type Reply, refusalReply, send } from "./Reply.ts"
import { type Dialect, type RequestBody, readRequest } from "./readRequest.ts"
import { rateLimited, refuseByFault } from "./refuseByFault.ts"
import { badKey, contentType, forbidden, malformed, noKey, retired, unknownModel } from "./sentences.ts"
import { type CompletionRequest, simulateCompletion } from "./simulateCompletion.ts"
import { spoilCompletion, spoilReply } from "./spoil.ts"
import { findViolations } from "./strictRules.ts"
import { countPromptTokens } from "./tokens.ts"
import { Violations } from "./Violations.ts"

/** How long replies take: log-normal around the median, longer for those with more completion tokens. */
export interface Latency {
  /** For a reply of 350 completion tokens; 0 answers at once, without a timer. */
  readonly medianMs: number
  /** Standard deviation of the logarithm: 0.5 puts two replies of three within a factor of 1.65. */
  readonly spread: number
}

export interface GatewayOptions {
  readonly apiKey: string
  readonly credits: bigint
  readonly models: Readonly<Record<string, SimulatedModel>>
  readonly answers: AnswerBook
  readonly clock: Clock
  readonly latency: Latency
  readonly requestsPerMinute: number | undefined
  readonly faults: Map<number, Fault>
  readonly scriptedFault: ((call: Call) => Fault | undefined) | undefined
  readonly batchFaults: Map<number, ReadonlyArray<BatchFault>>
  readonly batchPace: BatchPace
  readonly jobOutput: JobOutput
  readonly strict: boolean
}

/** One POST whose body has arrived; `named` is the slug in the path, where the dialect has it there. */
export interface Exchange {
  /** Whether the call is submitted as a job, on `/v2`, whose result is fetched later. */
  readonly submits: boolean
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly body: string
  readonly dialect: Dialect
  readonly named: string | undefined
}

/** Everything behind the wire: checks, the account, running jobs, faults. */
export class Gateway {
  readonly account: CreditAccount
  readonly options: GatewayOptions
  readonly jobs: Jobs
  readonly batches: Batches
  readonly violations = new Violations()
  /** POSTs for a completion so far, refused ones included. */
  calls = 0
  readonly #limit: RateLimit
  readonly #models: ReadonlyMap<string, SimulatedModel>
  readonly #pending = new Set<() => void>()
  // Unlike everything else a request id is told apart by instance and count: it names one HTTP exchange.
  readonly #requestIdPrefix = randomUUID().slice(0, 24)

  constructor(options: GatewayOptions) {
    this.options = options
    this.account = new CreditAccount(options.credits)
    this.#limit = new RateLimit(options.requestsPerMinute, options.clock)
    this.#models = new Map(Object.entries(options.models))
    this.jobs = new Jobs(options.clock, options.jobOutput)
    this.batches = new Batches(this)
  }

  /** Answers one call, now or when its job is done. A client that leaves meanwhile changes nothing. */
  complete(exchange: Exchange): void {
    const { response, dialect } = exchange
    const index = this.calls++
    if (this.options.strict) {
      const { request, body } = exchange
      const refused = this.violations.record(request, findViolations(request.headers, parseObject(body), dialect))
      if (refused !== undefined) {
        send(response, refusalReply(refused, dialect))
        return
      }
    }
    const fault = this.#faultFor(index, exchange)
    if (fault !== undefined && this.#standsInTheWay(fault, exchange)) return

    const admitted = this.#admit(exchange)
    if (isRefusal(admitted)) {
      const stamps = admitted === rateLimited ? ["x-rate-limit-reset-at-utc", this.#limit.resetAt()] : []
      send(response, refusalReply(admitted, dialect, stamps))
      return
    }
    const { model, request, estimate } = admitted
    const ideal = simulateCompletion(request, model, this.options.answers.get(request.messagesHash))
    const completion = fault === undefined ? ideal : spoilCompletion(fault, ideal)
    const cost =
      fault?._tag === "Charge" ? fault.amount : price(model, completion.promptTokens, completion.completionTokens)
    const generationMs = latencyOf(this.options.latency, completion) + extraMs(fault)
    const requestId = this.#requestIdPrefix + index.toString(16).padStart(12, "0")

    if (fault?._tag === "LateCharge" || fault?._tag === "SubmitLost") reset(response)
    const job = exchange.submits ? this.jobs.open() : undefined
    const deliverReply = (reply: Reply) => {
      if (fault?._tag === "SubmitLost") return
      if (fault === undefined) send(response, reply)
      else deliver(fault, { reply, response, after: this.after })
    }
    this.after(generationMs, () => {
      const failure = job !== undefined && fault?._tag === "JobFailed" ? (fault.message ?? "The job failed") : undefined
      if (failure === undefined) this.account.charge(estimate, cost)
      else this.account.release(estimate)
      const stamps = { cost, balance: this.account.balance, generationMs, requestId, resetAt: this.#limit.resetAt() }
      const ready = completionReply(completion, { snapshot: model.snapshot, stamps, dialect })
      const reply = fault === undefined ? ready : spoilReply(fault, ready)
      if (job === undefined) deliverReply(reply)
      else job.end = { ...stamps, output: String(reply.body), failure }
    })
    if (job !== undefined) deliverReply(submitReply(job.id))
  }

  /** Why this key may not pass; `undefined` when it may. Segmind takes no bearer, OpenAI nothing else. */
  checkKey(request: IncomingMessage, dialect: Dialect): Refusal | undefined {
    const { authorization } = request.headers
    const given = dialect === "segmind" ? request.headers["x-api-key"] : authorization?.replace(/^Bearer /, "")
    if (given === undefined) return authorization === undefined ? noKey : badKey
    return given === this.options.apiKey ? undefined : badKey
  }

  /** Runs the action at once for 0, else by the clock; `close` calls off what still waits. */
  readonly after: Clock["after"] = (milliseconds, action) => {
    if (milliseconds <= 0) {
      action()
      return () => {}
    }
    const cancel = this.options.clock.after(milliseconds, () => {
      this.#pending.delete(cancel)
      action()
    })
    this.#pending.add(cancel)
    return cancel
  }

  /**
   * Runs one call at half the price, as a line of a batch: its own checks, its own reservation, its own charge.
   * Nothing of a batch has a latency of its own.
   */
  runAtHalfPrice(body: RequestBody): Reply {
    const slug = String(body.model)
    const model = this.#models.get(slug)
    if (model === undefined || model.retired === true) return refusalReply(unknownModel(slug), "openai")
    const request = readRequest(body, { slug, model, dialect: "openai" })
    if (isRefusal(request)) return refusalReply(request, "openai")
    const estimate = half(estimateOf(request, model))
    if (!this.account.reserve(estimate)) return refusalReply(insufficient(this.account, estimate, "openai"), "openai")
    const completion = simulateCompletion(request, model, this.options.answers.get(request.messagesHash))
    const cost = half(price(model, completion.promptTokens, completion.completionTokens))
    this.account.charge(estimate, cost)
    const stamps = { cost, balance: this.account.balance, generationMs: 0, requestId: "", resetAt: "" }
    return completionReply(completion, { snapshot: model.snapshot, stamps, dialect: "openai" })
  }

  /** Jobs that still run are dropped and never charged. */
  close(): void {
    for (const cancel of this.#pending) cancel()
    this.#pending.clear()
  }

  #faultFor(index: number, { body, named }: Exchange): Fault | undefined {
    const { faults, scriptedFault } = this.options
    if (faults.size > 0) {
      const fault = faults.get(index)
      faults.delete(index)
      if (fault !== undefined) return fault
    }
    if (scriptedFault === undefined) return undefined
    const parsed = parseObject(body)
    const messages = Array.isArray(parsed?.messages) ? (parsed.messages as Call["messages"]) : []
    return scriptedFault({ index, slug: named ?? String(parsed?.model), messages })
  }

  /** Whether the fault has answered the call itself. */
  #standsInTheWay(fault: Fault, { response, dialect }: Exchange): boolean {
    if (fault._tag === "TopUp") this.account.topUp(fault.amount)
    if (fault._tag === "SpendElsewhere") this.account.spendElsewhere(fault.amount)
    if (fault._tag === "Reset" && !fault.charged) {
      reset(response)
      return true
    }
    const reply = refuseByFault(fault, this.options.clock.now(), dialect)
    if (reply === undefined) return false
    this.after(fault._tag === "ServerError" ? (fault.afterMs ?? 0) : 0, () => send(response, reply))
    return true
  }

  /** The contract's order of checks: 401, 406 content type, 404, 410, 403, 429, 400, 406 credits. */
  #admit({ request, body, dialect, named }: Exchange): Admitted | Refusal {
    const refusedKey = this.checkKey(request, dialect)
    if (refusedKey !== undefined) return refusedKey
    if (request.headers["content-type"] !== "application/json") return contentType
    const parsed = parseObject(body)
    const slug = named ?? parsed?.model
    const model = typeof slug === "string" ? this.#models.get(slug) : undefined
    if (model === undefined || typeof slug !== "string") return unknownModel(String(slug))
    if (model.retired === true) return dialect === "segmind" ? retired : unknownModel(slug)
    if (model.forbidden === true) return forbidden
    if (!this.#limit.admit()) return rateLimited
    if (parsed === undefined) return malformed
    const read = readRequest(parsed, { slug, model, dialect })
    if (isRefusal(read)) return read
    const estimate = estimateOf(read, model)
    if (!this.account.reserve(estimate)) return insufficient(this.account, estimate, dialect)
    return { model, request: read, estimate }
  }
}

export const methodNotAllowed = htmlReply(405, "Not Allowed")

interface Admitted {
  readonly model: SimulatedModel
  readonly request: CompletionRequest
  readonly estimate: bigint
}

/** What the gateway sets aside: the prompt and the whole cap, or 4,096 tokens where the request names no cap. Invented. */
const estimateOf = ({ messages, maxCompletionTokens }: CompletionRequest, model: SimulatedModel): bigint =>
  price(model, countPromptTokens(messages), maxCompletionTokens ?? Math.min(4096, model.outputLimit))

const price = (model: SimulatedModel, promptTokens: number, completionTokens: number): bigint =>
  BigInt(promptTokens) * model.inputPrice + BigInt(completionTokens) * model.outputPrice

const insufficient = ({ balance }: CreditAccount, estimate: bigint, dialect: Dialect): Refusal =>
  dialect === "openai"
    ? refusal(429, "You exceeded your current quota, please check your plan and billing details.", {
        type: "insufficient_quota",
        code: "insufficient_quota"
      })
    : refusal(406, `Insufficient credits. Balance: ${printCredits(balance)}, required: ${printCredits(estimate)}`)

/** Batches cost half. Prices are even in pico-credits, so nothing is ever rounded; if one were not, this rounds up. */
const half = (amount: bigint): bigint => (amount + 1n) / 2n

const latencyOf = (
  { medianMs, spread }: Latency,
  completion: { readonly slowness: number; readonly completionTokens: number }
) =>
  medianMs === 0
    ? 0
    : Math.round(
        medianMs *
          Math.exp(spread * completion.slowness) *
          Math.min(4, Math.max(0.25, completion.completionTokens / 350))
      )

const extraMs = (fault: Fault | undefined): number =>
  fault?._tag === "Delay" || fault?._tag === "LateCharge" ? fault.ms : 0

export const parseObject = (body: string): RequestBody | undefined => {
  try {
    const value: unknown = JSON.parse(body)
    if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined
    return value
  } catch {
    return undefined
  }
}
