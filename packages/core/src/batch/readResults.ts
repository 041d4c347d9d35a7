import { Predicate } from "effect"

/** What the files of a batch say of one line. */
export type LineResult =
  /** It was executed, or refused by itself: the reply's status and body. */
  | { readonly _tag: "Replied"; readonly status: number; readonly body: string; readonly requestId: string | undefined }
  /** It was never executed. */
  | { readonly _tag: "NotRun"; readonly code: string; readonly message: string }

/**
 * Merges the output and error files of a batch by `custom_id`: the output line, else the error line; what has neither is
 * not in the map. The first line of an id counts, blank and unreadable lines do not, and the order means nothing.
 */
export const readResults = (output: string, error: string): ReadonlyMap<string, LineResult> => {
  const results = new Map<string, LineResult>()
  for (const text of [output, error]) {
    for (const row of rowsOf(text)) {
      const line = parseJson(row)
      const customId = field(line, "custom_id")
      if (typeof customId !== "string" || results.has(customId)) continue
      const result = readLine(line)
      if (result !== undefined) results.set(customId, result)
    }
  }
  return results
}

const readLine = (line: unknown): LineResult | undefined => {
  const response = field(line, "response")
  const status = field(response, "status_code")
  if (typeof status === "number" && Number.isSafeInteger(status)) {
    const requestId = field(response, "request_id")
    return {
      _tag: "Replied",
      status,
      body: JSON.stringify(field(response, "body") ?? null),
      requestId: typeof requestId === "string" ? requestId : undefined
    }
  }
  const error = field(line, "error")
  if (!Predicate.isObject(error)) return undefined
  return { _tag: "NotRun", code: text(field(error, "code")), message: text(field(error, "message")) }
}

/** Row by row, since a file of a batch may have tens of thousands. */
function* rowsOf(text: string): Generator<string> {
  let start = 0
  while (start < text.length) {
    const found = text.indexOf("\n", start)
    const end = found < 0 ? text.length : found
    const row = text.slice(start, end).trim()
    if (row !== "") yield row
    start = end + 1
  }
}

const text = (value: unknown): string => (typeof value === "string" && value !== "" ? value : "no reason given")

const field = (value: unknown, key: string): unknown =>
  Predicate.isObject(value) ? (value as Record<string, unknown>)[key] : undefined

const parseJson = (row: string): unknown => {
  try {
    return JSON.parse(row)
  } catch {
    return undefined
  }
}
