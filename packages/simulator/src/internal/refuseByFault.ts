import type { Fault, NotAcceptableReason, ResetFormat } from "../Fault.ts"
import { refusal } from "./Refusal.ts"
import { htmlReply, jsonReply, type Reply, refusalReply, textReply } from "./Reply.ts"
import type { Dialect } from "./readRequest.ts"
import { badKey, retired } from "./sentences.ts"

/** What a fault of the first group answers, whatever the request was; `undefined` for all others. Never charged. */
export const refuseByFault = (fault: Fault, nowMs: number, dialect: Dialect): Reply | undefined => {
  switch (fault._tag) {
    case "RateLimited": {
      const reset = resetHeader(fault.reset, nowMs, fault.seconds ?? 1)
      return refusalReply(rateLimited, dialect, reset === undefined ? [] : ["x-rate-limit-reset-at-utc", reset])
    }
    case "ServerError": {
      const message = fault.message ?? "Internal server error"
      if (fault.format === "text") return textReply(500, message)
      return refusalReply(refusal(500, message, { type: "server_error" }), dialect)
    }
    case "NotAcceptable": {
      const message = notAcceptable[fault.reason]
      return fault.format === "text" ? textReply(406, message) : jsonReply(406, { error: message })
    }
    case "Unauthorized":
      return refusalReply(badKey, dialect)
    case "Retired":
      return refusalReply(retired, dialect)
    case "MethodNotAllowed":
      return htmlReply(405, "Not Allowed")
    case "BadGateway":
      return fault.charged ? undefined : badGatewayReply(fault.status)
    default:
      return undefined
  }
}

/** The page of a proxy in front of the gateway, which says nothing about the charge. */
export const badGatewayReply = (status: 502 | 503 | 504 | 524): Reply => htmlReply(status, proxyTitles[status])

const proxyTitles = {
  502: "Bad Gateway",
  503: "Service Temporarily Unavailable",
  504: "Gateway Time-out",
  524: "A timeout occurred"
}

export const rateLimited = refusal(429, "Rate limit exceeded", { type: "requests", code: "rate_limit_exceeded" })

const notAcceptable: Readonly<Record<NotAcceptableReason, string>> = {
  contentType: "Invalid content type",
  credits: "Insufficient credits. Balance: 0.0005, required: 0.0014",
  parameter: "Parameter value rejected: reasoning_effort",
  spendLimit: "Team spend limit reached: 100 credits per month"
}

const resetHeader = (format: ResetFormat, nowMs: number, seconds: number): string | undefined => {
  const at = new Date(nowMs + seconds * 1000)
  switch (format) {
    case "iso":
      return at.toISOString()
    case "space":
      return at.toISOString().slice(0, 19).replace("T", " ")
    case "epochSeconds":
      return String(Math.ceil(at.getTime() / 1000))
    case "epochMilliseconds":
      return String(at.getTime())
    case "httpDate":
      return at.toUTCString()
    case "absent":
      return undefined
    case "past":
      return "2020-01-01T00:00:00Z"
    case "absurd":
      return "9999-12-31T23:59:59Z"
  }
}
