import {
  type AuditDecision,
  auditHolds,
  findModel,
  formatCredits,
  LedgerJournal,
  leastCharge,
  observeBalance,
  unexplainedSinceBaseline
} from "@assay/core"
import { layerStore } from "@assay/store"
import { Clock, DateTime, Effect, FileSystem } from "effect"
import { dropIsCost } from "../doctor/ProviderProfile.ts"
import { loadProfiles } from "../doctor/profiles.ts"
import { Environment } from "../Environment.ts"
import { ExitCode } from "../ExitCode.ts"
import { failure } from "../Failure.ts"
import { databaseFile } from "../run/databaseFile.ts"
import { inDayLedgerToo } from "../run/dayBudget.ts"
import { layerServices } from "../run/layerServices.ts"
import { noRunYet } from "../run/requireRun.ts"
import { Screen } from "../Screen.ts"
import { findProject } from "../suites/findSuites.ts"
import { askBalance } from "./askBalance.ts"
import { type AskTables, openLedgerTables } from "./LedgerTables.ts"
import { replayBalance } from "./replayBalance.ts"
import type { CreditsFlags } from "./showCredits.ts"

/**
 * Frees or settles held calls by the account's balance alone: `assay credits audit`. Reads the balance, at no cost. What
 * the sum does not prove stays held, and the reason is said.
 */
export const auditHeld = Effect.fn("auditHeld")(
  function* (flags: CreditsFlags) {
    const { directory } = yield* Environment
    const screen = yield* Screen
    const files = yield* FileSystem.FileSystem
    const project = yield* findProject(directory)
    const { file } = yield* databaseFile(project.root, flags.database)
    // Opening for writing would make the file.
    if (!(yield* files.exists(file))) return yield* noRunYet(file)
    const profiles = yield* loadProfiles(project.root)
    const { account, read, why } = yield* askBalance(flags)
    if (account === undefined || read === undefined) return yield* unasked(why)

    const decision = yield* Effect.gen(function* () {
      const ask = yield* openLedgerTables(file)
      const replayed = yield* replayBalance(ask, account, { sinceHolds: true })
      const state = observeBalance(replayed, read)
      const decided = auditHolds({
        unexplained: unexplainedSinceBaseline(state),
        foreignSeen: state.foreign.amount > 0n,
        topUpSeen: state.topUp.amount > 0n,
        soleProcess: yield* isSoleProcess(ask),
        dropIsCost: dropIsCost(profiles, account),
        least: yield* leastOf(ask),
        now: read.sentAt,
        held: state.lost.map(({ bound, id, sentAt }) => ({
          attemptId: id,
          bound,
          sentAt,
          sinceBaseline: state.baseline !== undefined && sentAt > state.baseline.receivedAt
        }))
      })
      if (decided._tag === "Resolve") {
        const journal = yield* LedgerJournal
        for (const { attemptId, resolution } of decided.resolutions) yield* journal.resolve(attemptId, resolution)
      }
      return decided
    }).pipe(inDayLedgerToo, Effect.provide(layerStore({ file })))
    if (flags.json) return yield* screen.out(decisionJson(decision))
    for (const line of decisionLines(decision)) yield* screen.out(line)
  },
  Effect.scoped,
  Effect.provide(layerServices)
)

/** What the cheapest of all held calls cost at the least; nothing is known of a model that is not in the catalogue. */
const leastOf = Effect.fnUntraced(function* (ask: AskTables) {
  const rows = yield* ask<{ readonly model: string }>("SELECT DISTINCT model FROM attempt WHERE state = 'held'")
  const charges = rows.map(({ model }) => {
    const known = findModel(model)
    return known === undefined ? unknownLeast : leastCharge(known)
  })
  const [least = unknownLeast] = charges.toSorted((a, b) => (a < b ? -1 : 1))
  return least
})

const unknownLeast = 100_000n

const aliveMillis = 60_000

/** Whether no other process of this database lives. One on another machine shows only as spend of others. */
const isSoleProcess = Effect.fnUntraced(function* (ask: AskTables) {
  const now = yield* Clock.currentTimeMillis
  const [row] = yield* ask<{ readonly living: bigint }>(
    "SELECT count(*) AS living FROM owner WHERE ended_at IS NULL AND seen_at > ?",
    now - aliveMillis
  )
  // This one is among them.
  return (row?.living ?? 0n) <= 1n
})

const unasked = (why: string | undefined) =>
  failure({
    code: "E1103",
    what: `the balance is not known: ${why ?? "nobody told it"}`,
    kept: "every held call stays held",
    fix: "export SEGMIND_API_KEY=<your key>, then: assay credits audit",
    exit: ExitCode.credentials
  })

const decisionLines = (decision: AuditDecision): ReadonlyArray<string> => {
  if (decision._tag === "Keep") {
    const { until, why } = decision
    const when =
      until === undefined ? "" : `; try again after ${DateTime.formatIso(DateTime.makeUnsafe(until)).slice(0, 19)}Z`
    return [`nothing was changed: ${why}${when}`]
  }
  return decision.resolutions.map(({ attemptId, resolution }) =>
    typeof resolution === "object" && "charged" in resolution
      ? `attempt ${attemptId} is settled at ${formatCredits(resolution.charged)} credits, which is all that was unexplained`
      : `attempt ${attemptId} is free: nothing is unexplained, so it was not charged`
  )
}

const decisionJson = (decision: AuditDecision): string =>
  JSON.stringify(
    decision._tag === "Keep"
      ? { resolved: [], why: decision.why, until: decision.until ?? null }
      : {
          resolved: decision.resolutions.map(({ attemptId, resolution }) => ({
            attempt: attemptId,
            charged_credits:
              typeof resolution === "object" && "charged" in resolution ? formatCredits(resolution.charged) : "0"
          }))
        },
    null,
    2
  )
