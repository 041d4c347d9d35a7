import { findModel } from "../../../ModelCatalogue.ts"
import type { LintOptions, LintRule, PassResult } from "../LintRule.ts"
import { reasoningGuide } from "../sources.ts"

/** Below it intervals are so wide that they overlap whatever the truth is. */
const fewestTrials = 20

/**
 * A higher effort, or a dearer model, that passes no more often than a lower one is money spent on nothing that the
 * user's own results show. Speaks only when the 95 % intervals of both pass rates overlap, or the cheaper one's is higher, and
 * both have at least 20 trials. That they overlap is no proof that the cheaper one is as good, and the finding says so.
 *
 * Compared are lower efforts of the same model, and models with a lower list price at the same or a lower effort; of those,
 * the cheapest is named.
 */
export const moreThanResultsJustify: LintRule = {
  id: "more-than-results-justify",
  severity: "warning",
  source: `Assay, structured prompts: the user's own results; ${reasoningGuide}: effort trades cost for accuracy`,
  check: ({ messages }, { settings, results = [] }) => {
    const [message] = messages
    const own = results.find((result) => isOf(result, settings))
    if (message === undefined || own === undefined || own.n < fewestTrials) return []
    const [cheaper] = results
      .filter((other) => other.n >= fewestTrials && isCheaper(other, own))
      .filter((other) => wilson(other).high >= wilson(own).low)
      .toSorted((a, b) => priceOf(a) - priceOf(b) || effortOf(a) - effortOf(b))
    if (cheaper === undefined) return []
    return [
      {
        message,
        offset: 0,
        says: `${nameOf(own)} passed ${rateOf(own)} and ${nameOf(cheaper)} ${rateOf(cheaper)}: these results do not show that the dearer one is better`,
        fix: `compare both with more trials, or use ${nameOf(cheaper)}`
      }
    ]
  }
}

const isOf = (result: PassResult, settings: LintOptions["settings"]) =>
  settings !== undefined && result.model === settings.model && effortOf(result) === effortOf(settings)

const isCheaper = (other: PassResult, own: PassResult): boolean => {
  if (effortOf(other) > effortOf(own)) return false
  if (other.model === own.model) return effortOf(other) < effortOf(own)
  return priceOf(other) < priceOf(own)
}

/** `medium` is what models take by themselves. */
const effortOf = ({ reasoningEffort = "medium" }: Pick<PassResult, "reasoningEffort">) =>
  ["low", "medium", "high"].indexOf(reasoningEffort)

/** Dollars per million output tokens, which reasoning is billed as. A model that we know no price of is never called dearer or cheaper. */
const priceOf = ({ model }: PassResult) => Number(findModel(model)?.outputPrice ?? Number.NaN)

const nameOf = ({ model, reasoningEffort }: PassResult) =>
  reasoningEffort === undefined ? model : `${model} at ${reasoningEffort}`

const rateOf = (result: PassResult) => {
  const { low, high } = wilson(result)
  return `${result.passes} of ${result.n} (95 %: ${Math.round(low * 100)}–${Math.round(high * 100)} %)`
}

/** Wilson's score interval at 95 %. Core imports no other room, so it has these lines of `@assay/statistics` for itself. */
const wilson = ({ passes, n }: PassResult) => {
  const z = 1.959963984540054
  const centre = (passes + (z * z) / 2) / (n + z * z)
  const half = (z / (n + z * z)) * Math.sqrt((passes * (n - passes)) / n + (z * z) / 4)
  return { low: centre - half, high: centre + half }
}
