import type { Completion, ModelInfo, Provider } from "@assay/core"
import { Redacted, Result } from "effect"
import type { ProviderProfile } from "../ProviderProfile.ts"
import { type Asked, type Balances, type ProbeFacts, totalOf } from "./ProbeFacts.ts"
import type { Exchange } from "./ProbeWire.ts"
import { probeCap } from "./probeRequests.ts"

/** What printing may take from an amount, in pico-credits: a hundred-millionth of a credit. A call costs thousands of it. */
const printed = 10_000n

/** What the facts of a probe tell. Pure; an answer that they do not bear is null. */
export const profileOf = (
  facts: ProbeFacts,
  { model, probedAt, provider }: { readonly provider: Provider; readonly model: ModelInfo; readonly probedAt: string }
): ProviderProfile => {
  const capped = completionOf(facts.capped.asked)
  const [low, high] = [completionOf(facts.low), completionOf(facts.high)]
  const answered = [capped, low, high].filter((one) => one !== undefined)
  const headers: Readonly<Record<string, string>> = facts.capped.exchange?.headers ?? {}
  const header = readHeader(facts, capped)
  return {
    provider: provider.name,
    baseUrl: provider.baseUrl,
    model: model.slug,
    probedAt,
    answers: answersOf(facts.capped.asked),
    capHonoured: capHonouredBy(capped),
    reasoningTokens:
      low?.usage === undefined || high?.usage === undefined
        ? null
        : { low: low.usage.reasoningTokens, high: high.usage.reasoningTokens },
    markupPercent: highest(answered.flatMap((completion) => markupOf(completion, model))),
    balanceHeader: header.kind,
    dropIsCost: allOf([
      dropsBy(facts.before, facts.afterCapped, [capped]),
      dropsBy(facts.afterCapped, facts.afterPair, [low, high])
    ]),
    stampsAfterCharge: allOf([header.afterCharge, pairStamped(facts, header.kind)]),
    abortedCharged: abortedCharged(facts),
    resetFormat: resetFormatOf(headers["x-rate-limit-reset-at-utc"]),
    headers: {
      answer: Object.keys(headers).toSorted(),
      refusedKey: Object.keys(facts.refusedKey?.headers ?? {}).toSorted()
    },
    temperatureReply: facts.temperature === undefined ? null : replyOf(facts.temperature, provider)
  }
}

/** Gateways echo keys in errors; what is kept has none. */
const replyOf = ({ body, status }: Exchange, { apiKey }: Provider) => ({
  status,
  text: status === 200 ? "" : body.replaceAll(Redacted.value(apiKey), "…").slice(0, 300)
})

const completionOf = (asked: Asked): Completion | undefined => (Result.isSuccess(asked) ? asked.success : undefined)

const answersOf = (asked: Asked): ProviderProfile["answers"] => {
  if (Result.isSuccess(asked)) return "yes"
  const error = asked.failure
  if (error._tag === "ModelRetired") return "retired"
  return error._tag === "RequestRejected" && error.status === 404 ? "unknown" : "refused"
}

/** Only a reply that was cut, or that went on, shows anything: one that ended by itself did not need the cap. */
const capHonouredBy = (completion: Completion | undefined): boolean | null => {
  if (completion?.usage === undefined) return null
  if (completion.usage.completionTokens > probeCap) return false
  return completion.finishReason === "length" ? true : null
}

const markupOf = ({ charge, usage }: Completion, model: ModelInfo): ReadonlyArray<number> => {
  if (charge.source !== "header" || usage === undefined) return []
  const cached = Math.min(usage.cachedPromptTokens, usage.promptTokens)
  const list =
    BigInt(usage.promptTokens - cached) * model.inputPrice +
    BigInt(cached) * model.cachedInputPrice +
    BigInt(usage.completionTokens) * model.outputPrice
  return list === 0n ? [] : [Number((charge.amount * 10_000n + list - 1n) / list) / 100]
}

const highest = (values: ReadonlyArray<number>): number | null => (values.length === 0 ? null : Math.max(...values))

/** True when all are, false when one is not, null where one is not known and none is false. */
const allOf = (values: ReadonlyArray<boolean | null>): boolean | null =>
  values.includes(false) ? false : values.includes(null) ? null : true

const near = (a: bigint, b: bigint, tolerance = printed): boolean => a - b <= tolerance && b - a <= tolerance

/** Whether the account dropped by what the calls said they cost; null where one did not say. */
const dropsBy = (
  before: Balances | undefined,
  after: Balances | undefined,
  calls: ReadonlyArray<Completion | undefined>
): boolean | null => {
  if (before === undefined || after === undefined) return null
  let cost = 0n
  for (const call of calls) {
    if (call?.charge.source !== "header") return null
    cost += call.charge.amount
  }
  return near(totalOf(before) - totalOf(after), cost, printed + cost / 1000n)
}

type HeaderKind = ProviderProfile["balanceHeader"]

/** Which balance the first header told, and whether that was the one after its charge. */
const readHeader = (
  { afterCapped, before }: ProbeFacts,
  capped: Completion | undefined
): { readonly kind: HeaderKind; readonly afterCharge: boolean | null } => {
  const told = capped?.remainingCredits
  if (told === undefined || before === undefined || afterCapped === undefined) return { kind: null, afterCharge: null }
  const after = kindOf(told, afterCapped)
  if (after !== undefined) return { kind: after, afterCharge: true }
  const early = kindOf(told, before)
  return early === undefined ? { kind: "neither", afterCharge: null } : { kind: early, afterCharge: false }
}

const kindOf = (told: bigint, balances: Balances): HeaderKind | undefined => {
  const credits = near(told, balances.credits)
  const both = near(told, totalOf(balances))
  if (credits && both) return "either"
  return credits ? "credits" : both ? "credits+free" : undefined
}

/** With two calls in flight, the later stamp is the balance after both, and the earlier one lies above by its cost. */
const pairStamped = ({ afterPair, high, low }: ProbeFacts, kind: HeaderKind): boolean | null => {
  const stamps = [completionOf(low), completionOf(high)].flatMap((completion) =>
    completion?.remainingCredits === undefined || completion.charge.source !== "header"
      ? []
      : [{ told: completion.remainingCredits, cost: completion.charge.amount }]
  )
  const [last, first] = stamps.toSorted((a, b) => (a.told < b.told ? -1 : 1))
  if (last === undefined || first === undefined || afterPair === undefined) return null
  if (kind === null || kind === "neither") return null
  const end = kind === "credits+free" ? totalOf(afterPair) : afterPair.credits
  return near(last.told, end) && near(first.told - last.told, last.cost)
}

const abortedCharged = ({ aborted, afterAbort, beforeAbort }: ProbeFacts): boolean | null => {
  const gaveUp = Result.isFailure(aborted) && aborted.failure._tag === "CallInDoubt"
  if (!gaveUp || beforeAbort === undefined || afterAbort === undefined) return null
  return totalOf(beforeAbort) - totalOf(afterAbort) > printed
}

const resetFormatOf = (value: string | undefined): string | null => {
  if (value === undefined) return null
  if (/^\d{4}-\d\d-\d\dT/.test(value)) return "ISO 8601"
  if (/^\d{4}-\d\d-\d\d \d/.test(value)) return "date and time, no zone"
  if (/^\d{9,11}$/.test(value)) return "epoch seconds"
  if (/^\d{12,14}$/.test(value)) return "epoch milliseconds"
  return /GMT$/.test(value) ? "HTTP date" : "other"
}
