import type { IncomingMessage, ServerResponse } from "node:http"
import type { BatchFault } from "../BatchFault.ts"
import type { Batch, StoredFile } from "./Batches.ts"
import { readBatchInput } from "./batchInput.ts"
import { reset } from "./deliver.ts"
import { type Gateway, methodNotAllowed, parseObject } from "./Gateway.ts"
import { readMultipart } from "./multipart.ts"
import { pathOf } from "./pathOf.ts"
import { type Refusal, refusal } from "./Refusal.ts"
import { jsonReply, type Reply, refusalReply, send, textReply } from "./Reply.ts"
import { bodyFindings, headerFindings } from "./strictRules.ts"

/** Whether a path is one of OpenAI's for files and batches. */
export const isBatchPath = (path: string): boolean => /^\/v1\/(files|batches)(\/|$)/.test(path)

interface Received {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly body: string
}

/** Files and batches, with a bearer and OpenAI's error objects. They have no rate limit and cost nothing by themselves. */
export const answerBatchRoute = (gateway: Gateway, received: Received): void => {
  const { request, response } = received
  const refused = gateway.checkKey(request, "openai") ?? violationOf(gateway, received)
  const reply = refused === undefined ? route(gateway, received) : refusalReply(refused, "openai")
  if (reply === "lost") reset(response)
  else send(response, reply)
}

/** A strict look at the request, and at each line of a file before it is stored. */
const violationOf = (gateway: Gateway, { request, body }: Received): Refusal | undefined => {
  if (!gateway.options.strict) return undefined
  const { headers } = request
  const type = headers["content-type"] ?? ""
  const findings = [...headerFindings(headers, "openai")]
  const isUpload = request.method === "POST" && pathOf(request) === "/v1/files"
  if (isUpload && !type.startsWith("multipart/form-data")) {
    findings.push({ rule: "contentType", detail: "a file comes as multipart/form-data" })
  }
  if (request.method === "POST" && pathOf(request) === "/v1/batches" && type !== "application/json") {
    findings.push({ rule: "contentType", detail: "a batch is made with application/json" })
  }
  const file = isUpload ? readMultipart(type, body)?.get("file")?.value : undefined
  if (file !== undefined) {
    for (const { customId, body } of readBatchInput(file, "/v1/chat/completions").lines) {
      for (const { rule, detail } of bodyFindings(body, "openai")) {
        findings.push({ rule, detail: `line ${customId}: ${detail}` })
      }
    }
  }
  return gateway.violations.record(request, findings)
}

const route = (gateway: Gateway, { request, body }: Received): Reply | "lost" => {
  const { batches } = gateway
  const [, collection = "", id, action, extra] = pathOf(request).slice(1).split("/")
  const { method } = request
  if (extra !== undefined) return notFound("route", pathOf(request))
  if (collection === "files") {
    if (id === undefined) return method === "POST" ? upload(gateway, request, body) : methodNotAllowed
    const file = batches.files.get(id)
    if (file === undefined) return notFound("file", id)
    if (method !== "GET") return methodNotAllowed
    if (action === undefined) return jsonReply(200, fileObject(file))
    return action === "content" ? textReply(200, file.text, "application/octet-stream") : notFound("route", action)
  }
  if (id === undefined) {
    if (method === "POST") return create(gateway, body)
    return method === "GET" ? list(gateway, request) : methodNotAllowed
  }
  const batch = batches.all.get(id)
  if (batch === undefined) return notFound("batch", id)
  if (action === undefined) return method === "GET" ? jsonReply(200, batchObject(batch)) : methodNotAllowed
  if (action !== "cancel") return notFound("route", action)
  if (method !== "POST") return methodNotAllowed
  return batches.cancel(batch)
    ? jsonReply(200, batchObject(batch))
    : refusalReply(refusal(400, `Cannot cancel a batch with status '${batch.status}'.`), "openai")
}

const upload = (gateway: Gateway, request: IncomingMessage, body: string): Reply | "lost" => {
  const form = readMultipart(request.headers["content-type"], body)
  const [purpose, file] = [form?.get("purpose"), form?.get("file")]
  if (purpose?.value !== "batch") return bad("Invalid value for 'purpose': 'batch' is the only one here.", "purpose")
  if (file === undefined) return bad("Missing required parameter: 'file'.", "file")
  if (!file.filename?.endsWith(".jsonl")) return bad("The file of a batch must have the extension .jsonl.", "file")
  const stored = gateway.batches.store(file.value, { filename: file.filename, purpose: "batch" })
  return has(gateway, "UploadLost") ? "lost" : jsonReply(200, fileObject(stored))
}

const create = (gateway: Gateway, body: string): Reply | "lost" => {
  if (has(gateway, "CreateReset")) {
    // A broken connection is spent on one try, or the same batch could never be made.
    const rest = gateway.batches.nextFaults().filter(({ _tag }) => _tag !== "CreateReset")
    gateway.options.batchFaults.set(gateway.batches.count, rest)
    return "lost"
  }
  const fields = parseObject(body) as Record<string, unknown> | undefined
  if (fields === undefined) return bad("Malformed JSON in the request body", null)
  const { input_file_id, endpoint, completion_window, metadata } = fields
  const input = gateway.batches.files.get(String(input_file_id))
  if (input?.purpose !== "batch") return bad(`No such file: ${String(input_file_id)}`, "input_file_id")
  if (endpoint !== "/v1/chat/completions") return bad("Invalid value for 'endpoint'.", "endpoint")
  if (completion_window !== "24h") return bad("Invalid value for 'completion_window': '24h'.", "completion_window")
  const pairs = Object.entries((metadata ?? {}) as object)
  const fits = ([key, value]: [string, unknown]) => key.length <= 64 && typeof value === "string" && value.length <= 512
  if (pairs.length > 16 || !pairs.every(fits)) return bad("Invalid 'metadata': at most 16 short texts.", "metadata")
  const lost = has(gateway, "CreateLost")
  const kept = metadata === undefined ? null : (metadata as Batch["metadata"])
  const batch = gateway.batches.create(input, endpoint, kept)
  // The answer is of the moment of creation, even where validation takes no time.
  return lost ? "lost" : jsonReply(200, { ...batchObject(batch), status: "validating", errors: null })
}

const list = (gateway: Gateway, request: IncomingMessage): Reply => {
  const query = new URLSearchParams(request.url?.split("?")[1] ?? "")
  const limit = Number(query.get("limit") ?? "20")
  if (!(Number.isInteger(limit) && limit >= 1 && limit <= 100)) return bad("Invalid 'limit': 1 to 100.", "limit")
  const all = gateway.batches.list()
  const after = query.get("after")
  const start = after === null ? 0 : all.findIndex(({ id }) => id === after) + 1
  if (after !== null && start === 0) return bad(`No batch found with id '${after}'.`, "after")
  const page = all.slice(start, start + limit)
  return jsonReply(200, {
    object: "list",
    data: page.map(batchObject),
    first_id: page[0]?.id ?? null,
    last_id: page.at(-1)?.id ?? null,
    has_more: start + limit < all.length
  })
}

const has = (gateway: Gateway, tag: BatchFault["_tag"]): boolean =>
  gateway.batches.nextFaults().some(({ _tag }) => _tag === tag)

const seconds = (milliseconds: number | undefined): number | null =>
  milliseconds === undefined ? null : Math.floor(milliseconds / 1000)

const fileObject = ({ id, text, filename, purpose, createdMs }: StoredFile) => ({
  id,
  object: "file",
  bytes: Buffer.byteLength(text),
  created_at: seconds(createdMs),
  filename,
  purpose,
  status: "processed"
})

const batchObject = (batch: Batch) => ({
  id: batch.id,
  object: "batch",
  endpoint: batch.endpoint,
  errors: batch.errors.length === 0 ? null : { object: "list", data: batch.errors },
  input_file_id: batch.input.id,
  completion_window: "24h",
  status: batch.status,
  output_file_id: batch.outputFile,
  error_file_id: batch.errorFile,
  created_at: seconds(batch.createdMs),
  in_progress_at: seconds(batch.stamps.in_progress),
  expires_at: seconds(batch.createdMs + 86_400_000),
  finalizing_at: seconds(batch.stamps.finalizing),
  completed_at: seconds(batch.stamps.completed),
  failed_at: seconds(batch.stamps.failed),
  expired_at: seconds(batch.stamps.expired),
  cancelling_at: seconds(batch.stamps.cancelling),
  cancelled_at: seconds(batch.stamps.cancelled),
  request_counts: { total: batch.lines.length, completed: batch.ran - rejectedIn(batch), failed: batch.failed },
  usage: {
    input_tokens: batch.usage.prompt,
    output_tokens: batch.usage.completion,
    total_tokens: batch.usage.prompt + batch.usage.completion
  },
  metadata: batch.metadata
})

/** Lines that ran and were refused; those that never ran are failed too. */
const rejectedIn = ({ failed, ran, lines, status }: Batch): number =>
  status === "expired" || status === "cancelled" ? failed - (lines.length - ran) : failed

const bad = (message: string, param: string | null): Reply =>
  refusalReply(refusal(400, message, param === null ? {} : { param }), "openai")

const notFound = (what: string, id: string): Reply =>
  refusalReply(refusal(404, `No such ${what}: ${id}`, { param: "id" }), "openai")
