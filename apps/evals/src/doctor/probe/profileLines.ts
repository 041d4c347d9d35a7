import type { Style } from "@assay/tui/text"
import { type Check, checkLines, ok, warning } from "../Check.ts"
import type { ProviderProfile } from "../ProviderProfile.ts"

/** What a probe found, a question a line, and what follows from it. */
export const profileLines = (profile: ProviderProfile, style: Style): ReadonlyArray<string> => [
  "",
  ...answers(profile).flatMap((check) => checkLines(check, style))
]

const answers = (profile: ProviderProfile): ReadonlyArray<Check> => {
  const { abortedCharged, balanceHeader, capHonoured, dropIsCost, headers, markupPercent, model } = profile
  const { reasoningTokens, refusedKey, resetFormat, stampsAfterCharge, temperatureReply } = { ...profile, ...headers }
  const money = headers.answer.filter((name) => /^x-(cost|remaining|request-id|generation|rate)/.test(name))
  return [
    profile.answers === "yes"
      ? ok("model", `${model} answers`)
      : {
          name: "model",
          state: "failed",
          detail: `${model} is ${profile.answers}`,
          fix: "probe another one: --model o4-mini"
        },
    money.includes("x-cost")
      ? ok(
          "headers",
          `${money.join(", ")}${resetFormat === null ? "" : `; reset as ${resetFormat}`}; a refused key has ${refusedKey.length} headers`
        )
      : warning(
          "headers",
          `an answer has no x-cost (${money.join(", ") || "none of money"}): charges are estimated from usage`
        ),
    told(
      "cap",
      capHonoured,
      "a reply stops at max_completion_tokens: bounds are small",
      "a reply goes on after max_completion_tokens: bounds use the model's output limit"
    ),
    reasoningTokens === null
      ? warning("effort", "not told: no usage came")
      : reasoningTokens.high > reasoningTokens.low
        ? ok(
            "effort",
            `reasoning tokens ${reasoningTokens.low} at low, ${reasoningTokens.high} at high effort (one call each)`
          )
        : warning(
            "effort",
            `made no difference: ${reasoningTokens.low} reasoning tokens at low, ${reasoningTokens.high} at high (one call each)`
          ),
    markupPercent === null
      ? warning("markup", "not told: no x-cost came")
      : ok("markup", `charges are ${markupPercent} % of the list price`),
    balanceHeader === null || balanceHeader === "neither"
      ? warning("balance", "x-remaining-credits is missing or is neither balance of the account")
      : ok(
          "balance",
          `x-remaining-credits is ${balanceHeader === "either" ? "the balance; no free credits to tell more" : balanceHeader}`
        ),
    told(
      "stamps",
      stampsAfterCharge,
      "each header tells the balance after its own charge",
      "headers do not tell the balance after their own charge"
    ),
    told(
      "drop",
      dropIsCost,
      "the account drops by what calls say they cost: an audit may free held calls",
      "the account does not drop by what calls say they cost: no audit frees a held call"
    ),
    abortedCharged === null
      ? warning("given up", "not told: the call was answered before, or the balance is not told")
      : ok(
          "given up",
          abortedCharged
            ? "a call that is given up is charged all the same"
            : "a call that was given up was not charged in the time that was waited"
        ),
    ok(
      "temperature",
      temperatureReply === null
        ? "not asked"
        : `is answered with ${temperatureReply.status} ${temperatureReply.text}`.trimEnd()
    )
  ]
}

const told = (name: string, value: boolean | null, yes: string, no: string): Check =>
  value === null ? warning(name, "not told") : value ? ok(name, yes) : warning(name, no)
