import { readRecord } from "./readRecord.ts"
import type { Decision } from "./rules.ts"

/** The refund policy of Halden Outdoor. */
export function decideRefund(record: unknown): Decision {
  const fields = readRecord(record)
  const delivered = fields.optionalDay("deliveredOn")
  const requested = fields.optionalDay("requestedOn")
  const amount = fields.optionalNumber("amountEur")
  if (delivered === null || requested === null || amount === null) return { decision: "escalate", reasons: ["R1"] }
  if (fields.flag("accountFlagged")) return { decision: "escalate", reasons: ["R2"] }

  const days = requested - delivered
  const denialsIf = (faulty: boolean) => {
    const category = fields.text("category")
    const spoiled = category === "perishable" && faulty && days <= 2
    const finalSale = (category === "gift-card" || category === "perishable") && !spoiled
    const window = faulty ? 180 : fields.text("customerTier") === "gold" ? 45 : 30
    const used = fields.flag("opened") && category !== "clothing" && !faulty
    return [finalSale ? "R3" : "", days > window ? "R4" : "", used ? "R6" : ""].filter((code) => code !== "")
  }
  const faulty = fields.flag("faulty")
  const denials = denialsIf(faulty)
  if (denials.length > 0) return { decision: "deny", reasons: denials }

  const concerns = [amount > 500 ? "R7" : "", fields.number("priorRefunds12Months") > 3 ? "R8" : ""]
  const escalations = concerns.filter((code) => code !== "")
  if (escalations.length > 0) return { decision: "escalate", reasons: escalations }
  return { decision: "approve", reasons: faulty && denialsIf(false).length > 0 ? ["R5", "R9"] : ["R9"] }
}
