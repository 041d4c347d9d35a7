import type { AnswerBook, SimulatedAnswer } from "../AnswerBook.ts"
import type { Fault } from "../Fault.ts"
import { parseCredits, printCredits } from "./decimal.ts"
import type { Gateway } from "./Gateway.ts"
import { jsonReply, type Reply } from "./Reply.ts"
import { readBatchFaults } from "./readBatchFaults.ts"

/** The control plane of a simulator in a process of its own. It asks for the same key as the rest. */
export const control = (gateway: Gateway, { method, path, body }: ControlRequest): Reply => {
  try {
    if (method === "PUT" && path === "/simulator/answers") {
      return jsonReply(200, { answers: putAnswers(gateway.options.answers, JSON.parse(body)) })
    }
    if (method === "POST" && path === "/simulator/faults") {
      for (const [index, fault] of readFaults(JSON.parse(body))) gateway.options.faults.set(index, fault)
      return jsonReply(200, { calls: gateway.calls })
    }
    if (method === "POST" && path === "/simulator/batch-faults") {
      for (const [index, faults] of readBatchFaults(JSON.parse(body))) gateway.options.batchFaults.set(index, faults)
      return jsonReply(200, { batches: gateway.batches.count })
    }
  } catch (cause) {
    return jsonReply(400, { error: cause instanceof Error ? cause.message : String(cause) })
  }
  if (method === "GET" && path === "/simulator/violations") {
    const { list, count } = gateway.violations
    return jsonReply(200, { strict: gateway.options.strict, count, violations: list })
  }
  if (method === "GET" && path === "/simulator/account") {
    const { balance, spent, reserved, charges } = gateway.account
    return jsonReply(200, {
      balance: printCredits(balance),
      spent: printCredits(spent),
      reserved: printCredits(reserved),
      charges,
      calls: gateway.calls
    })
  }
  return jsonReply(404, { error: `The control plane has no ${method} ${path}` })
}

interface ControlRequest {
  readonly method: string
  readonly path: string
  readonly body: string
}

/** All or none: nothing is put before everything has been read. */
const putAnswers = (book: AnswerBook, value: unknown): number => {
  const entries = Object.entries(asObject(value, "The answers")).map(
    ([hash, answer]) => [hash, readAnswer(hash, answer)] as const
  )
  for (const [hash, answer] of entries) book.set(hash, answer)
  return entries.length
}

const readAnswer = (hash: string, value: unknown): SimulatedAnswer => {
  const { right, wrong, difficulty, format, language, reasoning } = asObject(value, `The answer ${hash}`)
  if (!/^[0-9a-f]{32}$/.test(hash)) throw new Error(`${hash} is not a hash of messages`)
  if (typeof right !== "string") throw new Error(`The answer ${hash} has no text in 'right'`)
  if (!Array.isArray(wrong) || !wrong.every((text) => typeof text === "string")) {
    throw new Error(`The answer ${hash} has no list of texts in 'wrong'`)
  }
  if (typeof difficulty !== "number" || !(difficulty >= 0 && difficulty <= 1)) {
    throw new Error(`The answer ${hash} has no 'difficulty' between 0 and 1`)
  }
  if (format !== "number" && format !== "text" && format !== "json" && format !== "code") {
    throw new Error(`The answer ${hash} has no known 'format'`)
  }
  return {
    right,
    wrong,
    difficulty,
    format,
    ...(typeof language === "string" ? { language } : {}),
    ...(typeof reasoning === "string" ? { reasoning } : {})
  }
}

/** Keys are call indices, values are faults as the type has them, with amounts as decimal credits in a string. */
const readFaults = (value: unknown): ReadonlyArray<readonly [number, Fault]> =>
  Object.entries(asObject(value, "The faults")).map(([key, entry]) => {
    if (!/^\d{1,9}$/.test(key)) throw new Error(`${key} is not the index of a call`)
    return [Number(key), readFault(key, asObject(entry, `The fault at ${key}`))]
  })

const readFault = (key: string, fields: Readonly<Record<string, unknown>>): Fault => {
  const { _tag, amount } = fields
  const required = Object.hasOwn(faultFields, String(_tag)) ? faultFields[String(_tag)] : undefined
  if (required === undefined) throw new Error(`The fault at ${key} has no known '_tag'`)
  for (const [field, isValid] of Object.entries(required)) {
    if (!isValid(fields[field])) throw new Error(`The fault at ${key} has no valid '${field}'`)
  }
  if (!("amount" in required)) return fields as unknown as Fault
  return { ...fields, amount: parseCredits(String(amount)) } as unknown as Fault
}

type Check = (value: unknown) => boolean

const oneOf =
  (...choices: ReadonlyArray<unknown>): Check =>
  (value) =>
    choices.includes(value)
const duration: Check = (value) => typeof value === "number" && value >= 0
const optionalDuration: Check = (value) => value === undefined || duration(value)
const text: Check = (value) => typeof value === "string"
const credits: Check = (value) => typeof value === "string" && parseCredits(value) !== undefined
const flag = oneOf(true, false)
const jsonOrText = oneOf("json", "text")

const faultFields: Readonly<Record<string, Readonly<Record<string, Check>>>> = {
  RateLimited: {
    reset: oneOf("iso", "space", "epochSeconds", "epochMilliseconds", "httpDate", "absent", "past", "absurd"),
    seconds: optionalDuration
  },
  ServerError: {
    format: jsonOrText,
    message: (value) => value === undefined || text(value),
    afterMs: optionalDuration
  },
  NotAcceptable: { reason: oneOf("contentType", "credits", "parameter", "spendLimit"), format: jsonOrText },
  Unauthorized: {},
  Retired: {},
  MethodNotAllowed: {},
  TopUp: { amount: credits },
  SpendElsewhere: { amount: credits },
  Delay: { ms: duration },
  HeldReply: { ms: duration },
  LateCharge: { ms: duration },
  BadGateway: { status: oneOf(502, 503, 504, 524), charged: flag },
  Reset: { charged: flag },
  TruncatedBody: {},
  SlowDrip: { chunkBytes: duration, everyMs: duration },
  InvalidJson: {},
  ErrorInside: {},
  NoChoices: {},
  EmptyLength: {},
  Refusal: {},
  NullContent: {},
  MissingUsage: {},
  Encoding: { encoding: oneOf("gzip", "byteOrderMark", "trailingWhitespace") },
  Header: {
    name: text,
    value: (value) => value === null || text(value) || (Array.isArray(value) && value.every(text))
  },
  Charge: { amount: credits },
  SubmitLost: {},
  JobFailed: { message: (value) => value === undefined || text(value) }
} satisfies Readonly<Record<Fault["_tag"], Readonly<Record<string, Check>>>>

const asObject = (value: unknown, what: string): Readonly<Record<string, unknown>> => {
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw new Error(`${what} must be an object`)
  return value as Readonly<Record<string, unknown>>
}
