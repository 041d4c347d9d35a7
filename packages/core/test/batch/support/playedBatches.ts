import { json, maybeSent, type SentRequest, type Step, text } from "../../../src/testing.ts"

/** What becomes of one line; all but `rejected` and `expired` are charged. */
export type Fate = "answered" | "twice" | "missing" | "rejected" | "expired" | "unreadable"

interface PlayedLine {
  readonly custom_id: string
  readonly body: { readonly model: string; readonly messages: ReadonlyArray<{ readonly content: string }> }
}

interface PlayedBatch {
  readonly id: string
  readonly metadata: Readonly<Record<string, string>>
  readonly lines: ReadonlyArray<PlayedLine>
  readonly createdAt: number
  cancelled: boolean
}

export interface PlayedOptions {
  /** By the text of the line's first message; `answered` unless told. */
  readonly fateOf?: (content: string) => Fate
  /** Milliseconds from creation to the end; 60,000 by default. */
  readonly takes?: number
  /** How a batch ends; `completed` by default. */
  readonly ending?: "completed" | "expired" | "failed"
  /** Breaks the connection of a request before or after it had its effect. */
  readonly lose?: (request: SentRequest, index: number) => "before" | "after" | undefined
  /** Milliseconds until a batch shows in the list. */
  readonly visibleAfter?: number
  /** Answers a request itself. */
  readonly instead?: (request: SentRequest, index: number) => Step | undefined
}

/** Prompt and completion tokens of every answer; o3-mini's price is halved: 100 × 0.55 + 200 × 2.20 millionths. */
const usage = { prompt_tokens: 100, completion_tokens: 200 }
export const lineCost = 100n * 550_000n + 200n * 2_200_000n

/**
 * OpenAI's files and batches as the contract tells them, on the clock of the test. A charge falls on a batch's creation,
 * which is the earliest it can.
 */
export const playedBatches = (options: PlayedOptions = {}) => {
  const { fateOf = () => "answered", takes = 60_000, ending = "completed", visibleAfter = 0 } = options
  const files = new Map<string, string>()
  const batches: Array<PlayedBatch> = []
  let charges = 0

  const fate = (line: PlayedLine): Fate => fateOf(line.body.messages[0]?.content ?? "")
  const charged = (line: PlayedLine) => !["rejected", "expired"].includes(fate(line))

  const create = ({ body, at }: SentRequest) => {
    const { input_file_id, metadata } = JSON.parse(body) as {
      readonly input_file_id: string
      readonly metadata: Readonly<Record<string, string>>
    }
    const lines = (files.get(input_file_id) ?? "")
      .split("\n")
      .filter((row) => row !== "")
      .map((row) => JSON.parse(row) as PlayedLine)
    const batch: PlayedBatch = { id: `batch_${batches.length}`, metadata, lines, createdAt: at, cancelled: false }
    batches.push(batch)
    if (ending !== "failed") charges += lines.filter(charged).length
    return batch
  }

  const objectOf = (batch: PlayedBatch, at: number) => {
    const done = at >= batch.createdAt + takes
    const end = batch.cancelled ? "cancelled" : ending
    const files = done && end !== "failed"
    return {
      id: batch.id,
      status: done ? end : "in_progress",
      created_at: Math.floor(batch.createdAt / 1000),
      metadata: batch.metadata,
      output_file_id: files && outputOf(batch) !== "" ? `${batch.id}-output` : null,
      error_file_id: files && errorOf(batch) !== "" ? `${batch.id}-error` : null,
      request_counts: { total: batch.lines.length, completed: done ? batch.lines.length : 0, failed: 0 },
      errors: done && end === "failed" ? { object: "list", data: [{ message: "The file is bad." }] } : null
    }
  }

  const outputOf = ({ lines }: PlayedBatch) =>
    lines
      .toReversed()
      .flatMap((line) => {
        const body =
          fate(line) === "unreadable"
            ? { choices: [], usage }
            : {
                model: "o3-mini-2025-01-31",
                choices: [{ message: { content: line.body.messages[0]?.content }, finish_reason: "stop" }],
                usage
              }
        const row = JSON.stringify({
          id: "batch_req_1",
          custom_id: line.custom_id,
          response: { status_code: 200, request_id: "request-1", body },
          error: null
        })
        return fate(line) === "twice" ? [row, "", row] : ["answered", "unreadable"].includes(fate(line)) ? [row] : []
      })
      .join("\n")

  const errorOf = ({ lines }: PlayedBatch) =>
    lines
      .flatMap((line) => {
        const custom_id = line.custom_id
        if (fate(line) === "rejected") {
          const body = { error: { message: "Too long.", code: "context_length_exceeded" } }
          return [JSON.stringify({ custom_id, response: { status_code: 400, request_id: "r", body }, error: null })]
        }
        if (fate(line) !== "expired") return []
        return [JSON.stringify({ custom_id, response: null, error: { code: "batch_expired", message: "Too late." } })]
      })
      .join("\n")

  const route = (request: SentRequest): Step => {
    const { pathname, searchParams } = new URL(request.url)
    const [, , collection, id, action] = pathname.split("/")
    if (collection === "files" && request.method === "POST") {
      const name = `file-${files.size}`
      files.set(name, /\r\n\r\n(\{[\s\S]*?)\r\n--/.exec(request.body)?.[1] ?? "")
      return json(200, { id: name })
    }
    if (collection === "files") {
      const batch = batches.find((batch) => id?.startsWith(`${batch.id}-`))
      if (batch === undefined) return json(404, { error: { message: "No such file" } })
      return text(200, id?.endsWith("-output") ? outputOf(batch) : errorOf(batch))
    }
    if (id === undefined && request.method === "POST")
      return json(200, { ...objectOf(create(request), request.at), status: "validating" })
    if (id === undefined) {
      const visible = batches.filter(({ createdAt }) => createdAt + visibleAfter <= request.at).toReversed()
      const start = visible.findIndex(({ id }) => id === searchParams.get("after")) + 1
      // Pages of two, so that the reader must turn them.
      const page = visible.slice(start, start + 2)
      return json(200, { data: page.map((batch) => objectOf(batch, request.at)), has_more: start + 2 < visible.length })
    }
    const batch = batches.find((batch) => batch.id === id)
    if (batch === undefined) return json(404, { error: { message: "No such batch" } })
    if (action === "cancel") batch.cancelled = true
    return json(200, objectOf(batch, request.at))
  }

  const script = (request: SentRequest, index: number): Step => {
    const instead = options.instead?.(request, index)
    if (instead !== undefined) return instead
    const lost = options.lose?.(request, index)
    if (lost === "before") return maybeSent()
    const step = route(request)
    return lost === "after" ? maybeSent() : step
  }

  return {
    script,
    batches: batches as ReadonlyArray<PlayedBatch>,
    files: files as ReadonlyMap<string, string>,
    /** All that was charged so far, in pico-credits. */
    charged: () => BigInt(charges) * lineCost
  }
}
