import type { IncomingHttpHeaders } from "node:http"
import type { Violation } from "../Violation.ts"
import type { Dialect, RequestBody } from "./readRequest.ts"

type Finding = Pick<Violation, "rule" | "detail">

/**
 * What the contract forbids about a POST for a completion. Stricter than the gateway, which forwards what it does not
 * know: a client that passes here sends nothing that could be refused, charged by surprise or told to a third party.
 */
export const findViolations = (
  headers: IncomingHttpHeaders,
  body: RequestBody | undefined,
  dialect: Dialect
): ReadonlyArray<Finding> => [
  ...headerFindings(headers, dialect),
  ...(headers["content-type"] === "application/json"
    ? []
    : [finding("contentType", `content-type is ${quoted(headers["content-type"])} and not "application/json"`)]),
  ...bodyFindings(body, dialect)
]

/** Headers that no request may carry: whatever is neither HTTP's own business nor the one key of the dialect. */
export const headerFindings = (headers: IncomingHttpHeaders, dialect: Dialect): ReadonlyArray<Finding> =>
  Object.keys(headers)
    .filter((name) => !transportHeaders.has(name) && name !== keyHeader[dialect])
    .map((name) => finding("header", `the header ${name} is not in the contract`))

const keyHeader: Readonly<Record<Dialect, string>> = { segmind: "x-api-key", openai: "authorization" }

const transportHeaders = new Set([
  "host",
  "connection",
  "content-length",
  "content-type",
  "transfer-encoding",
  "accept",
  "accept-encoding",
  "user-agent"
])

/** The body of one call, on a route of its own or on a line of a batch. */
export const bodyFindings = (body: RequestBody | undefined, dialect: Dialect): ReadonlyArray<Finding> => {
  if (body === undefined) return [finding("parameter", "the body is not a JSON object")]
  const strange = Object.keys(body).filter((name) => !parameters[dialect].has(name))
  return [
    ...strange.map((name) => finding("parameter", `the parameter ${name} must not be sent`)),
    ...messageFindings(body.messages, dialect)
  ]
}

const parameters: Readonly<Record<Dialect, ReadonlySet<string>>> = {
  segmind: new Set(["messages", "reasoning_effort", "max_completion_tokens", "response_format", "seed"]),
  openai: new Set([
    "model",
    "messages",
    "reasoning_effort",
    "max_completion_tokens",
    "response_format",
    "seed",
    "n",
    "store",
    "metadata",
    "user",
    "service_tier"
  ])
}

const messageFindings = (messages: unknown, dialect: Dialect): ReadonlyArray<Finding> => {
  if (!Array.isArray(messages) || messages.length === 0) return [finding("message", "there is no list of messages")]
  const findings: Array<Finding> = []
  const roles = new Set<unknown>()
  for (const [index, message] of (messages as ReadonlyArray<unknown>).entries()) {
    if (typeof message !== "object" || message === null) {
      findings.push(finding("message", `message ${index} is not an object`))
      continue
    }
    const { role, content, ...rest } = message as { readonly role?: unknown; readonly content?: unknown }
    roles.add(role)
    if (!known[dialect].has(String(role))) findings.push(finding("message", `message ${index} has no known role`))
    if (typeof content !== "string") findings.push(finding("message", `message ${index} has no text as its content`))
    for (const name of Object.keys(rest)) findings.push(finding("message", `message ${index} carries ${name}`))
  }
  if (roles.has("system") && roles.has("developer")) {
    findings.push(finding("message", "system and developer messages stand in one request"))
  }
  return findings
}

const known: Readonly<Record<Dialect, ReadonlySet<string>>> = {
  segmind: new Set(["system", "user", "assistant"]),
  openai: new Set(["system", "developer", "user", "assistant"])
}

const finding = (rule: Violation["rule"], detail: string): Finding => ({ rule, detail })

const quoted = (value: string | undefined): string => (value === undefined ? "absent" : JSON.stringify(value))
