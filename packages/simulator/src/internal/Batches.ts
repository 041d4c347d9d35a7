import { hash } from "node:crypto"
import type { BatchFault } from "../BatchFault.ts"
import { type BatchError, type BatchLine, readBatchInput } from "./batchInput.ts"
import { drawsFrom } from "./draws.ts"
import type { Gateway } from "./Gateway.ts"

/** How long a batch is in each of its phases, in milliseconds. */
export interface BatchPace {
  readonly validatingMs: number
  readonly runningMs: number
  readonly finalizingMs: number
}

export type BatchStatus =
  | "validating"
  | "failed"
  | "in_progress"
  | "finalizing"
  | "completed"
  | "expired"
  | "cancelling"
  | "cancelled"

export interface StoredFile {
  readonly id: string
  readonly text: string
  readonly filename: string
  readonly purpose: string
  readonly createdMs: number
}

export interface Batch {
  readonly id: string
  /** The order of creation, which the list turns round. */
  readonly index: number
  readonly input: StoredFile
  readonly endpoint: string
  readonly metadata: Readonly<Record<string, string>> | null
  readonly createdMs: number
  readonly visibleMs: number
  readonly faults: ReadonlyArray<BatchFault>
  readonly stamps: Partial<Record<BatchStatus, number>>
  status: BatchStatus
  lines: ReadonlyArray<BatchLine>
  errors: ReadonlyArray<BatchError>
  readonly output: Array<string>
  readonly error: Array<string>
  ran: number
  failed: number
  outputFile: string | null
  errorFile: string | null
  usage: { readonly prompt: number; readonly completion: number }
}

/** A batch of any size moves on in at most this many steps, so that a large one does not schedule 50,000 timers. */
const mostSteps = 20

/** Files and batches, moved on by the gateway's clock; lines run on the gateway's account at half price. */
export class Batches {
  readonly files = new Map<string, StoredFile>()
  readonly all = new Map<string, Batch>()
  readonly #gateway: Gateway

  constructor(gateway: Gateway) {
    this.#gateway = gateway
  }

  /** Batches made so far: the index of the next one. */
  get count(): number {
    return this.all.size
  }

  /** The faults of the next batch; those of its upload and its creation are among them. */
  nextFaults(): ReadonlyArray<BatchFault> {
    return this.#gateway.options.batchFaults.get(this.count) ?? []
  }

  store(text: string, { filename, purpose }: { readonly filename: string; readonly purpose: string }): StoredFile {
    const id = `file-${identity("file", this.files.size)}`
    const file = { id, text, filename, purpose, createdMs: this.#now() }
    this.files.set(id, file)
    return file
  }

  create(input: StoredFile, endpoint: string, metadata: Batch["metadata"]): Batch {
    const faults = this.nextFaults()
    const lost = faults.find((fault) => fault._tag === "CreateLost")
    const index = this.count
    const batch: Batch = {
      id: `batch_${identity("batch", index)}`,
      index,
      input,
      endpoint,
      metadata,
      createdMs: this.#now(),
      visibleMs: this.#now() + (lost?.visibleAfterMs ?? 0),
      faults,
      stamps: {},
      status: "validating",
      lines: [],
      errors: [],
      output: [],
      error: [],
      ran: 0,
      failed: 0,
      outputFile: null,
      errorFile: null,
      usage: { prompt: 0, completion: 0 }
    }
    this.all.set(batch.id, batch)
    this.#gateway.after(this.#gateway.options.batchPace.validatingMs, () => this.#validate(batch))
    return batch
  }

  /** Newest first, as the vendor lists them. */
  list(): ReadonlyArray<Batch> {
    const now = this.#now()
    return [...this.all.values()].filter(({ visibleMs }) => visibleMs <= now).toReversed()
  }

  /** What runs is not taken back; the rest of the lines is. A batch that has ended stays as it is. */
  cancel(batch: Batch): boolean {
    if (batch.status !== "validating" && batch.status !== "in_progress") return false
    this.#enter(batch, "cancelling")
    this.#gateway.after(this.#gateway.options.batchPace.finalizingMs, () => {
      const message = "This request was not executed because the batch was cancelled."
      this.#skipRest(batch, "batch_cancelled", message)
      this.#close(batch, "cancelled")
    })
    return true
  }

  #validate(batch: Batch): void {
    if (batch.status !== "validating") return
    const { lines, errors } = readBatchInput(batch.input.text, batch.endpoint)
    const failure = batch.faults.find((fault) => fault._tag === "ValidationFailed")
    const scripted: ReadonlyArray<BatchError> =
      failure === undefined
        ? []
        : [{ code: "validation_failed", message: failure.message ?? "The file is not valid.", param: null, line: null }]
    batch.lines = lines
    batch.errors = [...errors, ...scripted]
    this.#enter(batch, batch.errors.length > 0 ? "failed" : "in_progress")
    if (batch.errors.length > 0) return
    const steps = Math.min(mostSteps, lines.length)
    const { runningMs } = this.#gateway.options.batchPace
    const step = (number: number): void => {
      this.#gateway.after(runningMs / steps, () => {
        if (batch.status !== "in_progress") return
        this.#runUntil(batch, Math.ceil((lines.length * number) / steps))
        if (batch.status === "in_progress") step(number + 1)
      })
    }
    step(1)
  }

  #runUntil(batch: Batch, end: number): void {
    const expired = batch.faults.find((fault) => fault._tag === "Expired")
    const last = Math.min(end, expired?.completed ?? end)
    while (batch.ran < last) this.#runLine(batch, batch.ran++)
    if (expired !== undefined && batch.ran >= expired.completed) {
      const message = "This request could not be executed before the completion window expired."
      this.#skipRest(batch, "batch_expired", message)
      this.#close(batch, "expired")
    } else if (batch.ran >= batch.lines.length) {
      this.#enter(batch, "finalizing")
      this.#gateway.after(this.#gateway.options.batchPace.finalizingMs, () => this.#close(batch, "completed"))
    }
  }

  #runLine(batch: Batch, index: number): void {
    const line = batch.lines[index]
    if (line === undefined) return
    const has = (tag: BatchFault["_tag"]) =>
      batch.faults.some((fault) => fault._tag === tag && (!("line" in fault) || fault.line === index))
    const reply = has("AllRejected") || has("LineRejected") ? rejected : this.#gateway.runAtHalfPrice(line.body)
    const text =
      `{"id":"batch_req_${identity(batch.id, index)}","custom_id":${JSON.stringify(line.customId)},` +
      `"response":{"status_code":${reply.status},"request_id":"${identity(`${batch.id} request`, index)}",` +
      `"body":${String(reply.body)}},"error":null}`
    if (reply.status !== 200) {
      batch.failed++
      batch.error.push(text)
      return
    }
    const { usage } = JSON.parse(String(reply.body)) as { readonly usage: Record<string, number> }
    batch.usage = {
      prompt: batch.usage.prompt + (usage["prompt_tokens"] ?? 0),
      completion: batch.usage.completion + (usage["completion_tokens"] ?? 0)
    }
    if (has("LineMissing")) return
    batch.output.push(text)
    if (has("LineDuplicated")) batch.output.push(text)
  }

  #skipRest(batch: Batch, code: string, message: string): void {
    for (const [index, { customId }] of batch.lines.entries()) {
      if (index < batch.ran) continue
      batch.failed++
      batch.error.push(
        JSON.stringify({
          id: `batch_req_${identity(batch.id, index)}`,
          custom_id: customId,
          response: null,
          error: { code, message }
        })
      )
    }
  }

  #close(batch: Batch, status: BatchStatus): void {
    const blank = batch.faults.some((fault) => fault._tag === "BlankLines")
    const store = (rows: ReadonlyArray<string>, kind: string): string | null => {
      if (rows.length === 0) return null
      const separator = blank ? "\n\n" : "\n"
      const text = shuffled(rows, batch.id).join(separator) + separator
      return this.store(text, { filename: `${batch.id}_${kind}.jsonl`, purpose: "batch_output" }).id
    }
    batch.outputFile = store(batch.output, "output")
    batch.errorFile = store(batch.error, "error")
    this.#enter(batch, status)
  }

  #enter(batch: Batch, status: BatchStatus): void {
    batch.status = status
    batch.stamps[status] = this.#now()
  }

  #now(): number {
    return this.#gateway.options.clock.now()
  }
}

const rejected = {
  status: 400,
  body: JSON.stringify({
    error: {
      message: "The request could not be processed.",
      type: "invalid_request_error",
      param: null,
      code: "invalid_request"
    }
  })
}

/** 24 hex characters, the same on every machine. */
const identity = (kind: string, index: number): string => hash("sha256", `${kind} ${index}`, "hex").slice(0, 24)

/** Results come in no order that a client could rely on. */
const shuffled = (rows: ReadonlyArray<string>, seed: string): ReadonlyArray<string> => {
  const draws = drawsFrom(hash("sha256", seed, "hex"))
  return rows
    .map((row) => ({ row, place: draws() }))
    .toSorted((left, right) => left.place - right.place)
    .map(({ row }) => row)
}
