import type { ServerResponse } from "node:http"
import type { Refusal } from "./Refusal.ts"
import type { Dialect } from "./readRequest.ts"

/** A whole HTTP reply. `headers` is the flat list of names and values that `writeHead` takes fastest. */
export interface Reply {
  readonly status: number
  readonly headers: ReadonlyArray<string>
  readonly body: string | Buffer
}

/** Sends it, with its length; a reply to a client that has left goes nowhere. */
export const send = (response: ServerResponse, { status, headers, body }: Reply): void => {
  if (response.destroyed) return
  const length = Buffer.byteLength(body)
  response.writeHead(status, [...headers, "content-length", String(length)])
  // Without a character past ASCII the bytes are the same, and Node copies them instead of transcoding: a third faster.
  if (typeof body === "string" && length === body.length) response.end(body, "latin1")
  else response.end(body)
}

export const jsonReply = (status: number, value: unknown, headers: ReadonlyArray<string> = []): Reply => ({
  status,
  headers: ["content-type", "application/json", ...headers],
  body: JSON.stringify(value)
})

export const textReply = (status: number, body: string, type = "text/plain; charset=utf-8"): Reply => ({
  status,
  headers: ["content-type", type],
  body
})

export const htmlReply = (status: number, title: string): Reply =>
  textReply(
    status,
    `<html>\r\n<head><title>${status} ${title}</title></head>\r\n<body>\r\n<center><h1>${status} ${title}</h1></center>\r\n` +
      "</body>\r\n</html>\r\n",
    "text/html"
  )

/** Segmind's envelope is a plain sentence; OpenAI's is an object. */
export const refusalReply = (refused: Refusal, dialect: Dialect, headers: ReadonlyArray<string> = []): Reply => {
  const { message, type, param, code } = refused
  const error = dialect === "segmind" ? message : { message, type, param, code }
  return jsonReply(refused.status, { error }, headers)
}
