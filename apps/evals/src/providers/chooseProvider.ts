import { openAiCompatible, type Provider, segmind } from "@assay/core"
import { nearest } from "@assay/harness"
import { simulatorKey } from "@assay/simulator"
import { Effect, Redacted } from "effect"
import { Environment } from "../Environment.ts"
import { ExitCode } from "../ExitCode.ts"
import { failure } from "../Failure.ts"
import { simulatorProvider } from "./embeddedSimulator.ts"

const names = ["simulator", "segmind", "openai", "compatible"]

/** What was decided: a provider to call, or that the simulator has to be started in this process first. */
export type ProviderChoice =
  | { readonly _tag: "Given"; readonly provider: Provider; readonly keyMissing: false }
  | { readonly _tag: "Embedded"; readonly keyMissing: boolean }

/**
 * Where calls go. Named: there. Not named: Segmind when `SEGMIND_API_KEY` is set; else the simulator, which says so on
 * every screen, but never in CI, where a run that measured nothing would look like one that passed.
 */
export const chooseProvider = Effect.fn("chooseProvider")(function* (options: {
  readonly name: string | undefined
  readonly baseUrl: string | undefined
  readonly softBudget: boolean
}) {
  const { variables } = yield* Environment
  const { baseUrl, name, softBudget } = options
  const key = (variable: string) => (variables[variable] === "" ? undefined : variables[variable])
  const lacking = (variable: string) =>
    failure({
      code: "E1102",
      what: `no ${variable} in the environment`,
      kept: "nothing was sent or charged",
      fix: `export ${variable}=<your key>, or name the stand-in: --provider simulator`,
      exit: ExitCode.credentials
    })
  const given = (provider: Provider): ProviderChoice => ({
    _tag: "Given",
    provider: softBudget ? { ...provider, capHonoured: true } : provider,
    keyMissing: false
  })
  switch (name) {
    case undefined: {
      const found = key("SEGMIND_API_KEY")
      if (found !== undefined) return given(segmind(Redacted.make(found), baseUrl))
      if (key("CI") !== undefined) return yield* lacking("SEGMIND_API_KEY")
      return { _tag: "Embedded", keyMissing: true } satisfies ProviderChoice
    }
    case "simulator":
      if (baseUrl === undefined) return { _tag: "Embedded", keyMissing: false } satisfies ProviderChoice
      return given(simulatorProvider({ url: baseUrl, apiKey: simulatorKey }))
    case "segmind": {
      const found = key("SEGMIND_API_KEY")
      return found === undefined ? yield* lacking("SEGMIND_API_KEY") : given(segmind(Redacted.make(found), baseUrl))
    }
    case "openai": {
      const found = key("OPENAI_API_KEY")
      if (found === undefined) return yield* lacking("OPENAI_API_KEY")
      return given(openAiCompatible(Redacted.make(found), baseUrl ?? "https://api.openai.com", "openai"))
    }
    case "compatible":
      if (baseUrl === undefined) {
        return yield* failure({
          code: "E0104",
          what: "--provider compatible needs the server's address",
          kept: "nothing was sent or charged",
          fix: "--provider compatible --base-url http://127.0.0.1:11434",
          exit: ExitCode.usage
        })
      }
      return given(openAiCompatible(Redacted.make(key("OPENAI_API_KEY") ?? "none"), baseUrl))
    default: {
      const meant = nearest(name, names)
      return yield* failure({
        code: "E0103",
        what: `unknown provider "${name}"`,
        why: `known providers: ${names.join(", ")}`,
        kept: "nothing was sent or charged",
        fix: meant === undefined ? undefined : `did you mean "${meant}"?`,
        exit: ExitCode.usage
      })
    }
  }
})
