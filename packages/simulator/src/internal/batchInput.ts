import type { RequestBody } from "./readRequest.ts"

/** One line of an input file that passed validation. */
export interface BatchLine {
  readonly customId: string
  readonly body: RequestBody
}

/** Why a file does not pass; `line` counts from 1, as the vendor's do. */
export interface BatchError {
  readonly code: string
  readonly message: string
  readonly param: string | null
  readonly line: number | null
}

const mostLines = 50_000

/** Validates a whole file: every line a POST to the batch's endpoint, ids unique, one model. Blank lines are skipped. */
export const readBatchInput = (
  text: string,
  endpoint: string
): { readonly lines: ReadonlyArray<BatchLine>; readonly errors: ReadonlyArray<BatchError> } => {
  const lines: Array<BatchLine> = []
  const errors: Array<BatchError> = []
  const ids = new Set<string>()
  const models = new Set<unknown>()
  for (const [index, row] of text.split("\n").entries()) {
    if (row.trim() === "") continue
    const fail = (code: string, message: string, param: string | null = null) =>
      errors.push({ code, message, param, line: index + 1 })
    const line = parse(row)
    if (line === undefined) fail("invalid_json_line", "This line is not parseable as valid JSON.")
    else if (typeof line.custom_id !== "string") fail("missing_required_parameter", "Missing 'custom_id'.", "custom_id")
    else if (ids.has(line.custom_id)) {
      fail("duplicate_custom_id", `The custom_id '${line.custom_id}' is used twice.`, "custom_id")
    } else if (line.method !== "POST") fail("invalid_method", "The method must be POST.", "method")
    else if (line.url !== endpoint) fail("invalid_url", "The URL must be the batch's endpoint.", "url")
    else if (typeof line.body !== "object" || line.body === null)
      fail("invalid_body", "The body must be an object.", "body")
    else {
      ids.add(line.custom_id)
      models.add((line.body as RequestBody).model)
      lines.push({ customId: line.custom_id, body: line.body })
    }
  }
  const whole = (code: string, message: string) => errors.push({ code, message, param: null, line: null })
  if (lines.length === 0 && errors.length === 0) whole("empty_file", "The input file has no lines.")
  if (lines.length > mostLines) whole("too_many_requests", `The input file has more than ${mostLines} lines.`)
  if (models.size > 1) whole("mismatched_model", "All requests of a batch must be for one model.")
  return { lines, errors }
}

interface RawLine {
  readonly custom_id?: unknown
  readonly method?: unknown
  readonly url?: unknown
  readonly body?: unknown
}

const parse = (row: string): RawLine | undefined => {
  try {
    const value: unknown = JSON.parse(row)
    return typeof value === "object" && value !== null && !Array.isArray(value) ? value : undefined
  } catch {
    return undefined
  }
}
