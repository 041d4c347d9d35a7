import { randomUUID } from "node:crypto"
import type { Clock } from "../Clock.ts"
import { printCredits, printSeconds } from "./decimal.ts"
import { jsonReply, type Reply } from "./Reply.ts"

/** How a finished job tells the vendor's reply: encoded once more as the gateway's own clients read it, or plain. */
export type JobOutput = "string" | "object"

/** A record is gone this long after its submit. */
const recordLifeMs = 3_600_000

/** A finished job. `failure` makes it FAILED; amounts are pico-credits. */
export interface JobEnd {
  /** The body of the vendor's reply. */
  readonly output: string
  readonly failure: string | undefined
  readonly cost: bigint
  readonly balance: bigint
  readonly generationMs: number
}

export interface Job {
  readonly id: string
  readonly at: number
  end: JobEnd | undefined
  /** Whether somebody has looked while it ran: the first look finds it QUEUED, later ones PROCESSING. */
  seen: boolean
}

/** The jobs submitted on `/v2`, for the hour that their records live. */
export class Jobs {
  readonly #jobs = new Map<string, Job>()
  readonly #clock: Clock
  readonly #output: JobOutput

  constructor(clock: Clock, output: JobOutput) {
    this.#clock = clock
    this.#output = output
  }

  open(): Job {
    this.#forget()
    const job: Job = { id: randomUUID(), at: this.#clock.now(), end: undefined, seen: false }
    this.#jobs.set(job.id, job)
    return job
  }

  /** What `GET /v2/requests/{id}`, with or without `/status`, and `GET /v1/requests/{id}` answer. */
  read(id: string, withOutput: boolean): Reply {
    this.#forget()
    const job = this.#jobs.get(id)
    if (job === undefined) return jsonReply(404, { error: `Request ${id} not found` })
    const request_id = job.id
    if (job.end === undefined) {
      const status = job.seen ? "PROCESSING" : "QUEUED"
      job.seen = true
      return jsonReply(200, { request_id, status })
    }
    const { failure, output } = job.end
    if (failure !== undefined) {
      return jsonBody(422, { request_id, status: "FAILED", error: failure }, metricsOf({ ...job.end, cost: 0n }))
    }
    const shown = withOutput ? { output: this.#output === "string" ? output : parsedOr(output) } : {}
    return jsonBody(200, { request_id, status: "COMPLETED", ...shown }, metricsOf(job.end))
  }

  /** Records are in the order of their submits, so the old ones come first. */
  #forget(): void {
    const oldest = this.#clock.now() - recordLifeMs
    for (const [id, { at }] of this.#jobs) {
      if (at > oldest) return
      this.#jobs.delete(id)
    }
  }
}

/** The answer to a submit. It says QUEUED even where the job took no time. */
export const submitReply = (id: string): Reply =>
  jsonReply(200, {
    request_id: id,
    status: "QUEUED",
    poll_url: `/v1/requests/${id}`,
    status_url: `/v2/requests/${id}/status`,
    response_url: `/v2/requests/${id}`
  })

/** Amounts are written by hand: a float would round them. */
const metricsOf = ({ cost, balance, generationMs }: JobEnd): string => {
  const seconds = printSeconds(generationMs)
  return (
    `{"cost":${printCredits(cost)},"remaining_credits":${printCredits(balance)},"inference_time":${seconds},` +
    `"queue_time":0,"total_time":${seconds}}`
  )
}

const jsonBody = (status: number, fields: object, metrics: string): Reply => {
  const { headers, body } = jsonReply(status, fields)
  return { status, headers, body: `${String(body).slice(0, -1)},"metrics":${metrics}}` }
}

/** A spoilt output may be no JSON; it is told as the text that it is. */
const parsedOr = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}
