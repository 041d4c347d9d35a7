import {
  accountBalance,
  formatCredits,
  type Provider,
  type ProviderFailed,
  type ProviderUnreachable,
  type Unauthorized
} from "@assay/core"
import { Clock, Effect, Redacted } from "effect"
import { HttpClient, HttpClientRequest } from "effect/http"
import { Environment } from "../Environment.ts"
import { type Check, failed, ok, warning } from "./Check.ts"
import type { ProviderProfile } from "./ProviderProfile.ts"

/** Whether there is a key where calls go. `choice` is undefined where a key is missing that somebody asked for. */
export const checkKey = Effect.fnUntraced(function* (provider: Provider | undefined, lacking: string | undefined) {
  const { variables } = yield* Environment
  if (lacking !== undefined) {
    const check = failed("key", `no ${lacking} in the environment`, `export ${lacking}=<your key>`)
    return { ...check, credentials: true } satisfies Check
  }
  if (provider === undefined) {
    const inCi = variables["CI"] !== undefined && variables["CI"] !== ""
    const detail = "no SEGMIND_API_KEY: runs go to the built-in simulator, which says nothing about a model"
    const fix = "export SEGMIND_API_KEY=<your key>"
    return inCi
      ? ({
          ...failed("key", "no SEGMIND_API_KEY, and in CI the simulator is never chosen silently", fix),
          credentials: true
        } satisfies Check)
      : warning("key", detail, fix)
  }
  if (provider.simulated) return ok("key", "the simulator's own")
  if (provider.protocol !== "openai" && !/^SG_[0-9A-Fa-f]{16}$/.test(Redacted.value(provider.apiKey))) {
    return warning("key", "is set, and not of the form SG_ and 16 hexadecimal digits", "copy it from the console again")
  }
  return ok("key", `is set for ${provider.name}`)
})

/** Whether the provider answers, asked for what costs nothing: the balance, or the list of models. */
export const checkReach = Effect.fnUntraced(function* (provider: Provider) {
  const begun = yield* Clock.currentTimeMillis
  const look = provider.protocol === "openai" ? askModels(provider) : askBalance(provider)
  const check = yield* look
  const millis = (yield* Clock.currentTimeMillis) - begun
  return check.state === "ok" ? { ...check, detail: `${check.detail}, in ${millis}ms` } : check
})

const askBalance = (provider: Provider): Effect.Effect<Check, never, HttpClient.HttpClient> =>
  accountBalance(provider).pipe(
    Effect.map((balance) => {
      const detail = `${provider.baseUrl} answers; balance ${formatCredits(balance)} credits`
      return balance > 0n ? ok("provider", detail) : warning("provider", detail, "top the account up")
    }),
    Effect.catch((error) => Effect.succeed(balanceTrouble(error, provider)))
  )

const balanceTrouble = (error: ProviderFailed | ProviderUnreachable | Unauthorized, { baseUrl }: Provider): Check => {
  switch (error._tag) {
    case "Unauthorized":
      return { ...failed("provider", error.message, "set the right key"), credentials: true }
    case "ProviderUnreachable":
      return failed("provider", error.message, `look at the network, or at --base-url ${baseUrl}`)
    case "ProviderFailed":
      return warning("provider", `${error.message}; without it neither the balance nor foreign spend is seen`)
  }
}

const askModels = (provider: Provider): Effect.Effect<Check, never, HttpClient.HttpClient> =>
  Effect.gen(function* () {
    const http = yield* HttpClient.HttpClient
    const key = Redacted.value(provider.apiKey)
    const header = provider.keyHeader ?? "authorization"
    const request = HttpClientRequest.get(`${provider.baseUrl}/v1/models`).pipe(
      HttpClientRequest.setHeader(header, header === "authorization" ? `Bearer ${key}` : key)
    )
    const { status } = yield* http.execute(request)
    if (status === 401 || status === 403) {
      return {
        ...failed("provider", `${provider.name} refused the API key (${status})`, "set the right key"),
        credentials: true
      }
    }
    return status === 200
      ? ok("provider", `${provider.baseUrl} answers`)
      : warning("provider", `${provider.baseUrl} answers ${status} to a list of its models`)
  }).pipe(
    Effect.timeout("10 seconds"),
    Effect.provideService(HttpClient.TracerPropagationEnabled, false),
    Effect.catch((error) =>
      Effect.succeed(
        failed(
          "provider",
          `${provider.baseUrl} cannot be reached: ${error.message}`,
          "look at the network, or at --base-url"
        )
      )
    )
  )

const oldMillis = 30 * 86_400_000

/** What is known of the provider from a probe, and what bounds rest on without one. */
export const checkProfile = Effect.fnUntraced(function* (
  provider: Provider,
  profile: ProviderProfile | undefined,
  model: string
) {
  if (provider.simulated) return ok("profile", "the simulator's is verified: cap honoured, list prices")
  if (profile === undefined) {
    return warning(
      "profile",
      `${model} was never probed: bounds rest on its output limit, or on --soft-budget`,
      "assay doctor --probe"
    )
  }
  const day = profile.probedAt.slice(0, 10)
  const said = `probed ${day}: cap ${profile.capHonoured === true ? "honoured" : profile.capHonoured === false ? "not honoured" : "not told"}, `
  const markup = profile.markupPercent === null ? "markup not told" : `${profile.markupPercent} % of the list price`
  const age = (yield* Clock.currentTimeMillis) - Date.parse(profile.probedAt)
  return age > oldMillis
    ? warning("profile", `${said}${markup}; that is over 30 days old`, "assay doctor --probe")
    : ok("profile", said + markup)
})
