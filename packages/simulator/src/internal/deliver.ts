import type { ServerResponse } from "node:http"
import type { Clock } from "../Clock.ts"
import type { Fault } from "../Fault.ts"
import { type Reply, send } from "./Reply.ts"
import { badGatewayReply } from "./refuseByFault.ts"

/** Breaks the connection the hard way, so that the client sees ECONNRESET. */
export const reset = (response: ServerResponse): void => {
  response.socket?.resetAndDestroy()
}

/** Brings a reply that is already charged to the client, or fails to, as the fault says. */
export const deliver = (
  fault: Fault,
  {
    reply,
    response,
    after
  }: { readonly reply: Reply; readonly response: ServerResponse; readonly after: Clock["after"] }
): void => {
  if (fault._tag === "LateCharge") return
  if (fault._tag === "Reset") reset(response)
  else if (fault._tag === "BadGateway") send(response, badGatewayReply(fault.status))
  else if (fault._tag === "HeldReply") after(fault.ms, () => send(response, reply))
  else if (fault._tag === "TruncatedBody") truncate(response, reply)
  else if (fault._tag === "SlowDrip") drip(response, reply, fault, after)
  else send(response, reply)
}

const truncate = (response: ServerResponse, { status, headers, body }: Reply): void => {
  if (response.destroyed) return
  const bytes = Buffer.from(body)
  response.writeHead(status, [...headers, "content-length", String(bytes.length)])
  // Destroyed only once the half has left, or the client would see a reset without a head.
  response.write(bytes.subarray(0, bytes.length >> 1), () => response.socket?.destroy())
}

const drip = (
  response: ServerResponse,
  { status, headers, body }: Reply,
  { chunkBytes, everyMs }: { readonly chunkBytes: number; readonly everyMs: number },
  after: Clock["after"]
): void => {
  if (response.destroyed) return
  const bytes = Buffer.from(body)
  response.writeHead(status, [...headers, "content-length", String(bytes.length)])
  const step = Math.max(1, chunkBytes)
  const next = (start: number): void => {
    if (response.destroyed) return
    const end = start + step
    if (end >= bytes.length) {
      response.end(bytes.subarray(start))
      return
    }
    response.write(bytes.subarray(start, end))
    after(everyMs, () => next(end))
  }
  next(0)
}
