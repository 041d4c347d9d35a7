import type { Limits } from "../Limits.ts"

/** What the parent asks of a host process. Expected values are not in it: they never leave the parent. */
export interface HostJob {
  /** Unknown to the guest; a reply without it is not a reply. */
  readonly nonce: string
  readonly language: "javascript" | "typescript"
  readonly source: string
  /** The function to call and the arguments of each call as JSON text, or `null` to run the source as a program. */
  readonly calls: { readonly entry: string; readonly argumentTexts: ReadonlyArray<string> } | null
  readonly limits: Limits
}

/** How a call ended: `value` in the encoding of guestPrelude.ts, or `error` in plain words. */
export type CallEnding = { readonly value: string } | { readonly error: string }

/** How a job ended, as the host saw it. A program that is run has one ending. */
export type HostEnding =
  | { readonly _tag: "Finished"; readonly endings: ReadonlyArray<CallEnding> }
  | { readonly _tag: "LoadFailed"; readonly message: string }
  | { readonly _tag: "TimedOut" }
  | { readonly _tag: "OutOfMemory" }
  | { readonly _tag: "OutputTooLarge" }

/** One reply to one job. `printed` has one JSON array of encoded values a line. */
export interface HostReply {
  readonly nonce: string
  readonly durationMs: number
  readonly printed: string
  readonly ending: HostEnding
}

/** The first message of a host: whether the operating wall around it is up. `detail` says what was found open. */
export interface HostReady {
  readonly walled: boolean
  readonly detail: string
}

/** Reads the first message of a host; `undefined` when it has another shape. */
export const parseReady = (message: unknown): HostReady | undefined => {
  const value = parseText(message, 4096)
  return isRecord(value) && typeof value.walled === "boolean" && typeof value.detail === "string"
    ? { walled: value.walled, detail: value.detail }
    : undefined
}

/** Reads a reply to this job; `undefined` when it is too long, of another shape, or bears another nonce. */
export const parseReply = (message: unknown, job: HostJob): HostReply | undefined => {
  const calls = job.calls?.argumentTexts.length ?? 1
  // A quote or backslash doubles inside the JSON text of the reply, and each call has a wrapper of its own.
  const value = parseText(message, 2 * job.limits.outputBytes + 64 * calls + 4096)
  if (!isRecord(value) || value.nonce !== job.nonce) return undefined
  const { durationMs, printed } = value
  const ending = parseEnding(value.ending, calls)
  if (typeof durationMs !== "number" || typeof printed !== "string" || ending === undefined) return undefined
  return { nonce: job.nonce, durationMs, printed, ending }
}

/** Reads a job on the host's side; the parent is trusted, so its shape is not checked again. */
export const parseJob = (message: unknown): HostJob => JSON.parse(String(message)) as HostJob

const parseEnding = (value: unknown, calls: number): HostEnding | undefined => {
  if (!isRecord(value)) return undefined
  const tag = value._tag
  if (tag === "TimedOut" || tag === "OutOfMemory" || tag === "OutputTooLarge") return { _tag: tag }
  if (tag === "LoadFailed") {
    return typeof value.message === "string" ? { _tag: tag, message: value.message } : undefined
  }
  const endings: unknown = value.endings
  if (tag !== "Finished" || !Array.isArray(endings) || endings.length !== calls) return undefined
  return endings.every(isCallEnding) ? { _tag: tag, endings } : undefined
}

const isCallEnding = (value: unknown): value is CallEnding =>
  isRecord(value) && (typeof value.value === "string" || typeof value.error === "string")

const parseText = (message: unknown, maximumLength: number): unknown => {
  if (typeof message !== "string" || message.length > maximumLength) return undefined
  try {
    return JSON.parse(message)
  } catch {
    return undefined
  }
}

type Field =
  | "walled"
  | "detail"
  | "nonce"
  | "durationMs"
  | "printed"
  | "ending"
  | "_tag"
  | "message"
  | "endings"
  | "value"
  | "error"

const isRecord = (value: unknown): value is { readonly [field in Field]?: unknown } =>
  typeof value === "object" && value !== null && !Array.isArray(value)
