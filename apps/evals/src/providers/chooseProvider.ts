import { openAiCompatible, type Provider, segmind, segmindV2 } from "@assay/core"
import { nearest } from "@assay/harness"
import { simulatorKey } from "@assay/simulator"
import { Effect, Redacted } from "effect"
import { Environment } from "../Environment.ts"
import { ExitCode } from "../ExitCode.ts"
import { failure } from "../Failure.ts"
import { simulatorProvider } from "./embeddedSimulator.ts"
import { readKey } from "./readKey.ts"

const names = ["simulator", "segmind", "segmind-v2", "openai", "compatible"]

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
      const key = yield* readKey("SEGMIND_API_KEY")
      if (key !== undefined) return given(segmind(key, baseUrl))
      if (isSet(variables["CI"])) return yield* lacking("SEGMIND_API_KEY")
      return { _tag: "Embedded", keyMissing: true } satisfies ProviderChoice
    }
    case "simulator":
      if (baseUrl === undefined) return { _tag: "Embedded", keyMissing: false } satisfies ProviderChoice
      return given(simulatorProvider({ url: baseUrl, apiKey: simulatorKey }))
    case "segmind":
    case "segmind-v2": {
      const key = yield* readKey("SEGMIND_API_KEY")
      if (key === undefined) return yield* lacking("SEGMIND_API_KEY")
      return given(name === "segmind" ? segmind(key, baseUrl) : segmindV2(key, baseUrl))
    }
    case "openai": {
      const key = yield* readKey("OPENAI_API_KEY")
      if (key === undefined) return yield* lacking("OPENAI_API_KEY")
      return given(openAiCompatible(key, baseUrl ?? "https://api.openai.com", "openai"))
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
      // Local servers ask for no key, but want to see one.
      return given(openAiCompatible((yield* readKey("OPENAI_API_KEY")) ?? Redacted.make("none"), baseUrl))
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

const isSet = (value: string | undefined): boolean => value !== undefined && value !== ""
