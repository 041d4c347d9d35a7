import type { Provider } from "@assay/core"
import { Effect, Result } from "effect"
import { Environment } from "../Environment.ts"
import { ExitCode } from "../ExitCode.ts"
import { type Failure, failure } from "../Failure.ts"
import { chooseProvider } from "../providers/chooseProvider.ts"
import { readKey } from "../providers/readKey.ts"
import { databaseFile } from "../run/databaseFile.ts"
import { layerServices } from "../run/layerServices.ts"
import { Screen } from "../Screen.ts"
import { toJson } from "../show/toJson.ts"
import { findProject } from "../suites/findSuites.ts"
import { type Check, checkLines, ok, warning } from "./Check.ts"
import { checkDatabase } from "./checkDatabase.ts"
import { checkNode, checkSandbox, checkTerminal } from "./checkMachine.ts"
import { checkKey, checkProfile, checkReach } from "./checkProvider.ts"
import { findProfile, type ProviderProfile } from "./ProviderProfile.ts"
import { probeProvider } from "./probe/probeProvider.ts"
import { profileLines } from "./probe/profileLines.ts"
import { loadProfiles, saveProfile } from "./profiles.ts"

export interface DoctorFlags {
  readonly probe: boolean
  readonly yes: boolean
  readonly provider: string | undefined
  readonly baseUrl: string | undefined
  readonly model: string
  /** How long a call that was given up may take to be charged, in seconds. */
  readonly wait: number
  readonly database: string | undefined
  readonly json: boolean
}

/**
 * Looks at the installation and at the provider, for free: `assay doctor`. With `--probe` it also buys a few small calls,
 * after consent, and keeps what they show as the provider's profile.
 */
export const runDoctor = Effect.fn("runDoctor")(
  function* (flags: DoctorFlags) {
    const screen = yield* Screen
    const { directory } = yield* Environment
    const project = yield* findProject(directory)
    const database = yield* databaseFile(project.root, flags.database)
    const { lacking, provider } = yield* findProvider(flags)
    const profiles = yield* loadProfiles(project.root)
    const known = provider === undefined ? undefined : findProfile(profiles, provider, flags.model)

    const checks: ReadonlyArray<Check> = [
      yield* checkNode,
      yield* checkTerminal,
      project.suites.length === 0
        ? warning("project", `${project.root} has no evals/<name>/suite.ts`, "see docs/guides/writing-a-suite.md")
        : ok("project", `${project.root}, ${project.suites.length} suites`),
      yield* checkDatabase(database),
      yield* checkSandbox,
      yield* checkKey(provider, lacking),
      ...(provider === undefined
        ? []
        : [yield* checkReach(provider), yield* checkProfile(provider, known, flags.model)])
    ]
    const say = flags.json ? screen.err : screen.out
    for (const line of checks.flatMap((check) => checkLines(check, screen.style))) yield* say(line)
    const found = checks.find(({ state }) => state === "failed")
    if (flags.probe && found === undefined) {
      const profile = yield* probeProvider(yield* realProvider(provider), { ...flags, database, say })
      const file = yield* saveProfile(project.root, profile)
      for (const line of profileLines(profile, screen.style)) yield* say(line)
      yield* say(`kept in ${file}`)
      if (flags.json) yield* screen.out(page(checks, profile))
      if (profile.answers !== "yes") return yield* silent(profile)
      return
    }
    if (flags.json) yield* screen.out(page(checks, known))
    if (found !== undefined) return yield* unwell(checks)
  },
  Effect.scoped,
  Effect.provide(layerServices)
)

const page = (checks: ReadonlyArray<Check>, profile: ProviderProfile | undefined): string =>
  toJson({ checks, profile: profile ?? null })

/** The provider that a run would call; undefined where it would start the simulator, or where a key is lacking. */
const findProvider = Effect.fnUntraced(function* ({ baseUrl, provider: name }: DoctorFlags) {
  const key = yield* readKey("SEGMIND_API_KEY")
  if (name === undefined && key === undefined) return { provider: undefined, lacking: undefined }
  const chosen = yield* Effect.result(chooseProvider({ name, baseUrl, softBudget: false }))
  if (Result.isSuccess(chosen)) {
    const choice = chosen.success
    return { provider: choice._tag === "Given" ? choice.provider : undefined, lacking: undefined }
  }
  const error: Failure = chosen.failure
  if (error.exit !== ExitCode.credentials) return yield* error
  return { provider: undefined, lacking: name === "openai" ? "OPENAI_API_KEY" : "SEGMIND_API_KEY" }
})

const realProvider = Effect.fnUntraced(function* (provider: Provider | undefined) {
  if (provider !== undefined) return provider
  return yield* failure({
    code: "E1102",
    what: "there is no provider to probe: no SEGMIND_API_KEY in the environment",
    kept: "nothing was sent or charged",
    fix: "export SEGMIND_API_KEY=<your key>, then: assay doctor --probe",
    exit: ExitCode.credentials
  })
})

const silent = ({ answers, model, provider }: ProviderProfile): Failure =>
  failure({
    code: "E1602",
    what: `${provider} does not answer to ${model}: ${answers}`,
    kept: "refused calls are not charged; what was found is kept",
    fix: "probe another model: assay doctor --probe --model o4-mini",
    exit: ExitCode.incomplete
  })

const unwell = (checks: ReadonlyArray<Check>): Failure => {
  const failures = checks.filter(({ state }) => state === "failed")
  const credentials = failures.some((check) => check.credentials === true)
  return failure({
    code: "E1601",
    what: `${failures.length === 1 ? "one check" : `${failures.length} checks`} failed: ${failures.map(({ name }) => name).join(", ")}`,
    fix: failures[0]?.fix,
    exit: credentials ? ExitCode.credentials : ExitCode.incomplete
  })
}
