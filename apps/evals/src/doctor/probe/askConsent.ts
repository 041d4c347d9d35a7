import { callBound, formatCredits, type ModelInfo, type Provider } from "@assay/core"
import { Effect } from "effect"
import { Prompt } from "effect/cli"
import { ExitCode } from "../../ExitCode.ts"
import { failure } from "../../Failure.ts"
import { Screen } from "../../Screen.ts"
import { probeRequests } from "./probeRequests.ts"

/** What a probe may cost, in pico-credits. */
export interface ProbeCost {
  /** When the provider honours the cap and asks no more than its declared markup. */
  readonly expected: bigint
  /** The probe's budget: it is not passed as long as no call costs more than the model's whole output limit. */
  readonly provable: bigint
}

export const probeCost = (provider: Provider, model: ModelInfo): ProbeCost => {
  const bounds = (capHonoured: boolean) =>
    Object.values(probeRequests(model)).map((request) => callBound(request, model, { ...provider, capHonoured }))
  const expected = bounds(true).reduce((sum, bound) => sum + bound, 0n)
  const [largest = 0n] = bounds(provider.capHonoured).toSorted((a, b) => (a < b ? 1 : -1))
  return { expected, provable: largest + expected }
}

/** Says what the probe costs and asks whether to go on, unless `yes` was given. Nobody to ask is a refusal. */
export const askConsent = Effect.fn("askConsent")(function* (
  { expected, provable }: ProbeCost,
  options: { readonly yes: boolean; readonly provider: Provider; readonly say: (line: string) => Effect.Effect<void> }
) {
  const { stdin, stdout } = yield* Screen
  const { provider, say, yes } = options
  const credits = provider.simulated ? "simulated credits" : "credits"
  yield* say(
    `probe: six small calls to ${provider.name} (${provider.baseUrl}); expected under ${formatCredits(expected, 4)} ${credits}, provable bound ${formatCredits(provable, 2)}`
  )
  if (yes) return
  const refused = (what: string) =>
    failure({
      code: "E0113",
      what,
      kept: "no call was made, nothing was charged",
      fix: "assay doctor --probe --yes",
      exit: ExitCode.usage
    })
  if (!stdin.isTTY || !stdout.isTTY) return yield* refused("a probe costs credits and there is no terminal to ask on")
  const consent = yield* Prompt.run(Prompt.Confirm({ message: "Make these calls?" })).pipe(
    Effect.orElseSucceed(() => false)
  )
  if (!consent) return yield* refused("the probe was not made")
})
