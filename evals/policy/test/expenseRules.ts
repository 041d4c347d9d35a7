import { readRecord } from "./readRecord.ts"
import type { Decision } from "./rules.ts"

/** The expense policy of Norrvik Engineering. */
export function decideExpense(record: unknown): Decision {
  const fields = readRecord(record)
  const category = fields.text("category")
  if (category === "fine" || category === "personal") return { decision: "reject", reasons: ["E5"] }
  const rate = fields.text("currency") === "EUR" ? 1 : fields.optionalNumber("rateToEur")
  if (rate === null) return { decision: "ask-manager", reasons: ["E10"] }
  // Cents are integers, so that a limit that is met exactly is compared exactly.
  const cents = Math.round(fields.number("amount") * rate * 100)
  const preApproved = fields.flag("preApproved")

  const decideFor = (director: boolean): Decision => {
    const days = fields.day("submittedOn") - fields.day("date")
    const rejections = [
      days > (director ? 90 : 60) ? "E1" : "",
      cents > 2500 && !fields.flag("receiptAttached") ? "E2" : "",
      category === "flight" && cents >= 100_000 && !preApproved ? "E4" : ""
    ].filter((code) => code !== "")
    if (rejections.length > 0) return { decision: "reject", reasons: rejections }

    const mealLimit = (director ? 8000 : 4500) * (fields.optionalNumber("attendees") ?? 1)
    const questions = [category === "meal" && cents > mealLimit ? "E3" : "", cents > 200_000 ? "E6" : ""]
    const open = questions.filter((code) => code !== "")
    if (open.length > 0 && !preApproved) return { decision: "ask-manager", reasons: open }
    return { decision: "reimburse", reasons: open.length > 0 ? ["E7", "E9"] : ["E9"] }
  }

  const director = fields.text("grade") === "director"
  const decision = decideFor(director)
  const byGrade = director && decision.decision === "reimburse" && decideFor(false).decision !== "reimburse"
  return byGrade ? { ...decision, reasons: [...decision.reasons.slice(0, -1), "E8", "E9"] } : decision
}
