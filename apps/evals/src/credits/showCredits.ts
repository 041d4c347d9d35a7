import { lowestBalance, observeBalance, unexplainedSinceBaseline } from "@assay/core"
import { RunStore } from "@assay/harness"
import { Clock, Effect } from "effect"
import { dropIsCost } from "../doctor/ProviderProfile.ts"
import { loadProfiles } from "../doctor/profiles.ts"
import { Environment } from "../Environment.ts"
import { databaseFile } from "../run/databaseFile.ts"
import { layerServices } from "../run/layerServices.ts"
import { Screen } from "../Screen.ts"
import { openStoreForReading } from "../show/openStore.ts"
import { toJson } from "../show/toJson.ts"
import { findProject } from "../suites/findSuites.ts"
import { askBalance } from "./askBalance.ts"
import { type CreditsPage, creditsLines } from "./creditsLines.ts"
import { openLedgerTables } from "./LedgerTables.ts"
import { readHeld } from "./readHeld.ts"
import { readPace } from "./readPace.ts"
import { readSpend } from "./readSpend.ts"
import { type AccountName, replayBalance } from "./replayBalance.ts"

export interface CreditsFlags {
  readonly provider: string | undefined
  readonly baseUrl: string | undefined
  readonly database: string | undefined
  readonly json: boolean
}

/** What was spent, what is held, and what the account says: `assay credits`. Sends nothing that is charged. */
export const showCredits = Effect.fn("showCredits")(
  function* (flags: CreditsFlags) {
    const screen = yield* Screen
    const page = yield* readPage(flags)
    if (flags.json) return yield* screen.out(toJson(page))
    for (const line of creditsLines(page, screen)) yield* screen.out(line)
  },
  Effect.scoped,
  Effect.provide(layerServices)
)

const readPage = Effect.fnUntraced(function* (flags: CreditsFlags) {
  const { directory } = yield* Environment
  const project = yield* findProject(directory)
  const { file } = yield* databaseFile(project.root, flags.database)
  const store = yield* openStoreForReading(flags.database)
  const now = yield* Clock.currentTimeMillis
  const balance = yield* askBalance(flags)
  const stored = yield* Effect.gen(function* () {
    const ask = yield* openLedgerTables(file)
    const account = balance.account ?? (yield* lastAccount)
    return {
      spend: yield* readSpend(ask),
      held: yield* readHeld(ask),
      pace: yield* readPace(ask, now),
      state: account === undefined ? undefined : yield* replayBalance(ask, account),
      account
    }
  }).pipe(
    Effect.provide(store),
    Effect.catchIf(
      (error) => error._tag === "DatabaseRefused" && error.reason === "Absent" && flags.database === undefined,
      () => Effect.undefined
    )
  )
  const read = balance.read
  const state = stored?.state && read !== undefined ? observeBalance(stored.state, read) : stored?.state
  const account = stored?.account ?? balance.account
  const profiles = yield* loadProfiles(project.root)
  return {
    now,
    provider: account?.provider,
    baseUrl: account?.baseUrl,
    balance: read?.balance ?? (state === undefined ? undefined : lowestBalance(state)),
    balanceIsFresh: read !== undefined,
    balanceWhy: balance.why,
    spend: stored?.spend ?? [],
    held: stored?.held ?? [],
    pace: stored?.pace ?? { lastDay: 0n, lastWeek: 0n },
    unexplained: state === undefined ? undefined : unexplainedSinceBaseline(state),
    unexplainedSince: state?.baseline === undefined ? undefined : Math.round(state.baseline.sentAt),
    foreign: state === undefined || state.foreign.amount === 0n ? undefined : state.foreign,
    topUp: state === undefined || state.topUp.amount === 0n ? undefined : state.topUp,
    dropIsCost: account === undefined ? undefined : dropIsCost(profiles, account)
  } satisfies CreditsPage
})

/** Where the newest run that was no simulation went. */
const lastAccount = Effect.gen(function* () {
  const store = yield* RunStore
  const run = (yield* store.listRuns(200)).find(({ simulated }) => !simulated)
  return run === undefined ? undefined : ({ provider: run.provider, baseUrl: run.baseUrl } satisfies AccountName)
})
