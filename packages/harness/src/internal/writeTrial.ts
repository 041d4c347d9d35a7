import { type JournalFailed, Ledger } from "@assay/core"
import { Clock, Effect } from "effect"
import type { PlannedTrial } from "../Plan.ts"
import type { RenderedPrompt, TrialRecord } from "../RunRecord.ts"
import { RunStore, type StoreFailed } from "../RunStore.ts"
import type { EventLine } from "./eventLine.ts"
import { keyOf, type TrialFields } from "./trialFields.ts"

export type WriteTrial = (
  trial: PlannedTrial,
  prompt: RenderedPrompt,
  fields: TrialFields
) => Effect.Effect<void, StoreFailed | JournalFailed>

/** Writes a trial and then tells of it; an interruption waits, so that all that is stored is told. */
export const makeWriteTrial = (run: string, emit: EventLine): Effect.Effect<WriteTrial, never, RunStore | Ledger> =>
  Effect.gen(function* () {
    const store = yield* RunStore
    const ledger = yield* Ledger
    return (trial, prompt, fields) =>
      Effect.gen(function* () {
        const key = keyOf(trial)
        const record: TrialRecord = { ...key, finishedAt: yield* Clock.currentTimeMillis, ...fields }
        yield* store.appendTrial(run, record, prompt)
        const { outcome, reason, attempts, cost, latencyMillis } = fields
        const told = { _tag: "TrialEnded", ...key, outcome, reason, attempts, cost, latencyMillis } as const
        yield* emit(Effect.map(ledger.totals, (totals) => ({ ...told, ledger: totals })))
      }).pipe(Effect.uninterruptible)
  })
