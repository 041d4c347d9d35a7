import { readRecord } from "./readRecord.ts"
import type { Decision } from "./rules.ts"

/** The access policy of the Lindmar data platform. */
export function decideAccess(record: unknown): Decision {
  const fields = readRecord(record)
  if (fields.optionalText("approver") === null) return { decision: "escalate", reasons: ["A10"] }
  if (fields.flag("approverIsRequester")) return { decision: "deny", reasons: ["A1"] }

  const employment = fields.text("employment")
  const access = fields.text("access")
  const classification = fields.text("classification")
  const requested = fields.day("requestedOn")
  const duration = fields.number("durationDays")
  const restricted = classification === "restricted"
  const guarded = restricted || classification === "confidential"

  const denialsIf = (emergency: boolean) => {
    const trained = fields.optionalDay("trainingCompletedOn")
    return [
      !emergency && (trained === null || requested - trained > 365) ? "A2" : "",
      !emergency && restricted && employment !== "employee" ? "A3" : "",
      access !== "read" && guarded && !fields.flag("approverIsOwner") ? "A4" : "",
      employment === "intern" && access === "admin" ? "A7" : ""
    ].filter((code) => code !== "")
  }
  const emergency = fields.optionalText("incident") !== null && access === "read" && duration <= 2
  const denials = denialsIf(emergency)
  if (denials.length > 0) return { decision: "deny", reasons: denials }
  if (restricted && access === "admin") return { decision: "escalate", reasons: ["A3"] }

  const contractEnd = fields.optionalDay("contractEndsOn")
  const limits = [
    duration > (employment === "contractor" ? 30 : 90) ? "A5" : "",
    contractEnd !== null && requested + duration > contractEnd ? "A6" : ""
  ].filter((code) => code !== "")
  const waived = emergency && denialsIf(false).length > 0 ? ["A8"] : []
  if (limits.length > 0) return { decision: "limit", reasons: [...limits, ...waived] }
  return { decision: "grant", reasons: [...waived, "A9"] }
}
