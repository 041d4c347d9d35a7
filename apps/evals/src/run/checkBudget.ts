import { type CallOptions, formatCredits, type Provider, resolveCall } from "@assay/core"
import { type Plan, renderTrial, trialRequest } from "@assay/harness"
import { Effect } from "effect"
import { ExitCode } from "../ExitCode.ts"
import { failure } from "../Failure.ts"

/**
 * Refuses, before anything is sent, a plan with a request that cannot succeed, or with a call whose bound the budget
 * (pico-credits) could never admit. Gives the largest bound.
 */
export const checkBudget = Effect.fn("checkBudget")(function* (plan: Plan, provider: Provider, budget: bigint) {
  const options: CallOptions = { providers: [provider] }
  let largest = 0n
  let dearest = ""
  for (const suite of plan.suites) {
    for (const sample of suite.samples) {
      for (const variant of suite.variants) {
        const trial = { suite, variant, sample, trialIndex: 0 }
        const request = trialRequest(trial, renderTrial(trial), { provider: provider.name, simulatorSeed: undefined })
        const { bound } = yield* Effect.fromResult(resolveCall(request, options))
        if (bound > largest) {
          largest = bound
          dearest = `${suite.name}/${sample.id} with the prompt ${variant.name}`
        }
      }
    }
  }
  if (budget >= largest) return largest
  const enough = roundUp(largest)
  return yield* failure({
    code: "E1203",
    what: `the budget of ${formatCredits(budget)} credits is below what one call may cost`,
    why: `${dearest} may cost up to ${formatCredits(largest)} credits${provider.capHonoured ? "" : capReason(provider)}`,
    kept: "nothing was sent or charged",
    fix: provider.capHonoured ? `--budget ${enough}` : `--budget ${enough}, or trust the cap: --soft-budget`,
    exit: ExitCode.usage
  })
})

const capReason = ({ name }: Provider): string =>
  `, since ${name} is not known to honour max_completion_tokens and the model's output limit bounds the call`

/** The next whole hundredth of a credit: a number that is pleasant to type. */
const roundUp = (amount: bigint): string =>
  formatCredits(((amount + 9_999_999_999n) / 10_000_000_000n) * 10_000_000_000n)
