import type { LedgerTotals } from "@assay/core"
import { layerModelClientScripted, type Script, type ScriptedClientOptions } from "@assay/core/testing"
import { Effect, Layer } from "effect"
import {
  layerCodeSandboxAbsent,
  makePlan,
  type Plan,
  type RunEvent,
  type RunOptions,
  RunStore,
  runPlan,
  StoreFailed
} from "../../src/index.ts"
import {
  layerRunStoreMemory,
  runRecordOf,
  sampleRecordsOf,
  type TinySuiteOptions,
  tinySuite
} from "../../src/testing.ts"

/** All that a run needs: the real client, ledger and memory store over a scripted network. */
export const services = (script: Script, options: ScriptedClientOptions = {}) =>
  Layer.mergeAll(
    layerModelClientScripted(script, { concurrency: 1000, ...options }),
    layerRunStoreMemory,
    layerCodeSandboxAbsent
  )

/** The memory store, with a disk that a test can fill: while `isFull` holds, no trial is saved. */
export const layerRunStoreOnDisk = (disk: { isFull: boolean }) =>
  Layer.effect(
    RunStore,
    Effect.map(RunStore, (store) => ({
      ...store,
      appendTrial: (...args: Parameters<typeof store.appendTrial>) =>
        Effect.suspend(() =>
          disk.isFull
            ? Effect.fail(new StoreFailed({ operation: "save a trial", cause: new Error("the disk is full") }))
            : store.appendTrial(...args)
        )
    }))
  ).pipe(Layer.provide(layerRunStoreMemory))

/** A plan of tiny trials: one suite, seed 1. */
export const tinyPlan = (options: TinySuiteOptions = {}): Plan => makePlan([tinySuite(options)], { seed: 1 })

/** A run of `plan` that can be executed again and again, as a resumed run is; events are kept, oldest first. */
export const makeRun = (plan: Plan) => {
  const run = runRecordOf(plan)
  const events: Array<RunEvent> = []
  const execute = (options: Partial<RunOptions> = {}) =>
    Effect.gen(function* () {
      const store = yield* RunStore
      yield* store.createRun(run, sampleRecordsOf(plan))
      return yield* runPlan(plan, {
        run,
        concurrency: 4,
        emit: (event) => Effect.sync(() => void events.push(event)),
        ...options
      })
    })
  const outcomes = Effect.flatMap(RunStore, (store) => store.trialOutcomes(run.id))
  const count = (outcome: string) => Effect.map(outcomes, (all) => all.filter((one) => one.outcome === outcome).length)
  const status = Effect.map(
    Effect.flatMap(RunStore, (store) => store.findRun(run.id)),
    (stored) => stored?.status
  )
  const of = <Tag extends RunEvent["_tag"]>(tag: Tag) =>
    events.filter((event): event is Extract<RunEvent, { readonly _tag: Tag }> => event._tag === tag)
  return { run, execute, events, of, outcomes, count, status }
}

export const spent = ({ settled, reserved, held }: LedgerTotals): bigint => settled + reserved + held
