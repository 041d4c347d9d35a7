import type { Provider } from "@assay/core"
import { Schema } from "effect"

const Tokens = Schema.Struct({ low: Schema.Int, high: Schema.Int })

/**
 * What a probe found out about a model at a provider. `null` says that it was asked and could not be told. It holds no
 * key and nothing of an account but the names of its headers.
 */
export const ProviderProfile = Schema.Struct({
  provider: Schema.String,
  baseUrl: Schema.String,
  model: Schema.String,
  /** ISO 8601, UTC. */
  probedAt: Schema.String,
  /** What the model's slug is answered with. */
  answers: Schema.Literals(["yes", "retired", "unknown", "refused"]),
  /** Whether a reply stopped at a small `max_completion_tokens`. */
  capHonoured: Schema.NullOr(Schema.Boolean),
  /** Reasoning tokens of one call each, at low and at high effort. */
  reasoningTokens: Schema.NullOr(Tokens),
  /** Charge over list price, as a percentage: the highest that was seen. */
  markupPercent: Schema.NullOr(Schema.Finite),
  /** Which balance the header tells; `either` when the account has no free credits. */
  balanceHeader: Schema.NullOr(Schema.Literals(["credits", "credits+free", "either", "neither"])),
  /** Whether the account dropped by exactly what the calls said they cost. */
  dropIsCost: Schema.NullOr(Schema.Boolean),
  /** Whether each header told the balance right after its own call's charge, with two calls in flight too. */
  stampsAfterCharge: Schema.NullOr(Schema.Boolean),
  /** Whether a call that was given up in flight was charged. */
  abortedCharged: Schema.NullOr(Schema.Boolean),
  /** How the time of the next rate-limit window is written. */
  resetFormat: Schema.NullOr(Schema.String),
  /** Names of the headers of an answer, and of a refused key. */
  headers: Schema.Struct({ answer: Schema.Array(Schema.String), refusedKey: Schema.Array(Schema.String) }),
  /** What `temperature: 0` is answered with: a status and the provider's words. */
  temperatureReply: Schema.NullOr(Schema.Struct({ status: Schema.Int, text: Schema.String }))
})
export type ProviderProfile = typeof ProviderProfile.Type

/** Headroom on a markup that was seen, in percent of it: bounds are for charges that were not seen yet. */
const headroom = 1.05

/**
 * A provider as its profiles show it, for a plan that uses `models`. Every one of them has to be probed before anything
 * is believed: a cap that one model honours says nothing of another.
 */
export const withProfiles = (
  provider: Provider,
  profiles: ReadonlyArray<ProviderProfile>,
  models: ReadonlyArray<string>
): Provider => {
  const probed = models.map((model) => findProfile(profiles, provider, model))
  const markups = probed.map((profile) => profile?.markupPercent)
  const capHonoured = models.length > 0 && probed.every((profile) => profile?.capHonoured === true)
  const refuted = probed.some((profile) => profile?.capHonoured === false)
  const markupPercent =
    markups.length > 0 && markups.every((markup) => markup !== null && markup !== undefined)
      ? Math.max(100, ...markups.map((markup) => Math.ceil(markup <= 100 ? 100 : markup * headroom)))
      : Math.max(provider.markupPercent, ...markups.map((markup) => Math.ceil((markup ?? 0) * headroom)))
  return { ...provider, capHonoured: refuted ? false : provider.capHonoured || capHonoured, markupPercent }
}

/** The newest profile of a model at a provider. */
export const findProfile = (
  profiles: ReadonlyArray<ProviderProfile>,
  { baseUrl, name }: Pick<Provider, "baseUrl" | "name">,
  model: string
): ProviderProfile | undefined =>
  profiles.find((profile) => profile.provider === name && profile.baseUrl === baseUrl && profile.model === model)

/** Models of a plan that were never probed at a real provider: a run of them had better start slowly, and offer a probe. */
export const unprobedModels = (
  provider: Provider,
  profiles: ReadonlyArray<ProviderProfile>,
  models: ReadonlyArray<string>
): ReadonlyArray<string> =>
  provider.simulated ? [] : models.filter((model) => findProfile(profiles, provider, model) === undefined)

/** Whether some probe showed that the account drops by the cost of the calls, and none that it does not. */
export const dropIsCost = (
  profiles: ReadonlyArray<ProviderProfile>,
  { baseUrl, provider }: { readonly provider: string; readonly baseUrl: string }
): boolean | undefined => {
  const told = profiles
    .filter((profile) => profile.provider === provider && profile.baseUrl === baseUrl)
    .flatMap((profile) => (profile.dropIsCost === null ? [] : [profile.dropIsCost]))
  return told.length === 0 ? undefined : told.every((drops) => drops)
}
