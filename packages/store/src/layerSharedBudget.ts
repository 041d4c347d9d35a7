import { homedir } from "node:os"
import { isAbsolute, join } from "node:path"
import { LedgerJournal } from "@assay/core"
import { Config, Context, Effect, Layer, Option } from "effect"
import type { DatabaseRefused } from "./DatabaseRefused.ts"
import { guardedBy } from "./internal/guardedBy.ts"
import { makeStore } from "./layerStore.ts"
import type { SharedBudget } from "./SharedBudget.ts"

export interface SharedBudgetOptions {
  /** The shared ledger: `ledger.db` in the `stateFolder`, if it is to hold over all projects of a user. */
  readonly file: string
  readonly budgets: ReadonlyArray<SharedBudget>
}

/**
 * Guards a journal by budgets that many runs and processes share: a call is admitted when its run and every one of these has
 * room for its bound. `Exhausted` then names the budget that is too small. Costs two more commits a call, in another
 * file, which calls that come together share.
 */
export const layerSharedBudget = ({
  file,
  budgets
}: SharedBudgetOptions): Layer.Layer<LedgerJournal, DatabaseRefused, LedgerJournal> =>
  Layer.effect(
    LedgerJournal,
    Effect.gen(function* () {
      const journal = yield* LedgerJournal
      const shared = Context.get(yield* makeStore({ file, mode: "write" }), LedgerJournal)
      return guardedBy(journal, { shared, budgets })
    })
  )

/** Where a user's own state is kept, over all projects: `$XDG_STATE_HOME/assay`, or `~/.local/state/assay`. */
export const stateFolder: Effect.Effect<string> = Config.String("XDG_STATE_HOME").pipe(
  Effect.option,
  Effect.map((home) => {
    // The rule is to ignore a path that is not absolute.
    const base = Option.getOrElse(Option.filter(home, isAbsolute), () => join(homedir(), ".local", "state"))
    return join(base, "assay")
  })
)
