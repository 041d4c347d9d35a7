import { formatCredits, LedgerJournal, parseCredits, type Resolution } from "@assay/core"
import { layerStore } from "@assay/store"
import { Effect, FileSystem } from "effect"
import { Environment } from "../Environment.ts"
import { ExitCode } from "../ExitCode.ts"
import { failure } from "../Failure.ts"
import { databaseFile } from "../run/databaseFile.ts"
import { inDayLedgerToo } from "../run/dayBudget.ts"
import { noRunYet } from "../run/requireRun.ts"
import { Screen } from "../Screen.ts"
import { findProject } from "../suites/findSuites.ts"
import { openLedgerTables } from "./LedgerTables.ts"
import { type HeldRow, readHeld } from "./readHeld.ts"

export interface ResolveFlags {
  /** `RUN/ATTEMPT`, each by its beginning. */
  readonly call: string
  readonly charged: string | undefined
  readonly notCharged: boolean
  readonly database: string | undefined
  readonly json: boolean
}

/** Settles or frees a held call by the user's word: `assay credits resolve`. */
export const resolveHeld = Effect.fn("resolveHeld")(function* (flags: ResolveFlags) {
  const resolution = yield* readResolution(flags)
  const { directory } = yield* Environment
  const { json, out } = yield* Effect.map(Screen, ({ out }) => ({ out, json: flags.json }))
  const project = yield* findProject(directory)
  const { file } = yield* databaseFile(project.root, flags.database)
  const files = yield* FileSystem.FileSystem
  // Opening for writing would make the file.
  if (!(yield* files.exists(file))) return yield* noRunYet(file)
  yield* Effect.gen(function* () {
    const held = yield* findHeld(yield* readHeld(yield* openLedgerTables(file)), flags.call)
    const journal = yield* LedgerJournal
    if (!(yield* journal.resolve(held.attempt, resolution))) return yield* alreadyResolved(flags.call)
    const { held: left, settled } = yield* journal.totals(held.run)
    if (json) {
      const credits = { settled_credits: formatCredits(settled), held_credits: formatCredits(left) }
      return yield* out(JSON.stringify({ run: held.run, attempt: held.attempt, ...credits }, null, 2))
    }
    const became = resolution === "not-charged" ? "is free" : `is settled at ${flags.charged} credits`
    yield* out(`attempt ${held.attempt} ${became}; its key may be bought again: assay resume ${held.run}`)
    yield* out(`run ${held.run}: ${formatCredits(settled)} credits settled, ${formatCredits(left)} held`)
  }).pipe(inDayLedgerToo, Effect.provide(layerStore({ file })))
}, Effect.scoped)

const readResolution = Effect.fnUntraced(function* ({ charged, notCharged }: ResolveFlags) {
  if (notCharged && charged === undefined) return "not-charged" satisfies Resolution
  const amount = charged === undefined ? undefined : parseCredits(charged)
  if (amount !== undefined && !notCharged) return { charged: amount } satisfies Resolution
  const wrong = charged !== undefined && amount === undefined
  return yield* failure({
    code: "E0112",
    what: wrong ? `"${charged}" is not an amount of credits` : "say what became of the call: one of two flags",
    why: wrong ? undefined : "--charged and --not-charged exclude each other, and one is needed",
    kept: "nothing was changed",
    fix: "--charged 0.0014, or --not-charged",
    exit: ExitCode.usage
  })
})

/** The one held call that is named. */
const findHeld = Effect.fnUntraced(function* (held: ReadonlyArray<HeldRow>, call: string) {
  const [run = "", attempt = ""] = call.split("/")
  const named = held.filter((one) => one.run.startsWith(run) && one.attempt.startsWith(attempt))
  const [only] = named
  if (only !== undefined && named.length === 1 && attempt !== "") return only
  return yield* failure({
    code: named.length > 1 || attempt === "" ? "E0602" : "E0603",
    what:
      attempt === ""
        ? `"${call}" names no call`
        : named.length > 1
          ? `"${call}" is the beginning of ${named.length} held calls`
          : `no call "${call}" is held`,
    why: held.length === 0 ? "nothing is held" : undefined,
    kept: "nothing was changed",
    fix: only === undefined ? "see what is held: assay credits" : `assay credits resolve ${only.run}/${only.attempt} …`,
    exit: attempt === "" || named.length > 1 ? ExitCode.usage : ExitCode.notFound
  })
})

const alreadyResolved = (call: string) =>
  failure({
    code: "E0603",
    what: `the call "${call}" was resolved by another process meanwhile`,
    kept: "nothing was changed",
    fix: "assay credits",
    exit: ExitCode.notFound
  })
