import type { Plan } from "@assay/harness"
import { Effect } from "effect"
import { unprobedModels, withProfiles } from "../doctor/ProviderProfile.ts"
import { loadProfiles } from "../doctor/profiles.ts"
import type { ProviderChoice } from "./chooseProvider.ts"
import { openProvider } from "./openProvider.ts"

/**
 * The provider of a run, as its probes have shown it, and the models of the plan that were never probed there. A cap that
 * a probe saw honoured makes bounds small, and so a budget reach further.
 */
export const readyProvider = Effect.fn("readyProvider")(function* (
  choice: ProviderChoice,
  plan: Plan,
  options: { readonly run: string; readonly root: string }
) {
  const opened = yield* openProvider(choice, plan, options.run)
  const models = plan.suites.flatMap(({ variants }) => variants.map(({ settings }) => settings.model))
  const distinct = Array.from(new Set(models))
  const profiles = yield* loadProfiles(options.root)
  return {
    provider: withProfiles(opened, profiles, distinct),
    unprobed: unprobedModels(opened, profiles, distinct)
  }
})
