import { Effect } from "effect"
import { HttpClient } from "effect/http"
import type { Provider } from "../Provider.ts"
import { makeBatchRoutes } from "./batchRoutes.ts"

/**
 * Asks the provider to cancel all batches of a run that have not ended, and says how many. What has been executed stays
 * bought: the `runBatch` that waits for them, or the next one, settles it and frees the rest.
 */
export const cancelBatches = Effect.fn("cancelBatches")(function* (options: {
  readonly provider: Provider
  /** The run, which is the budget that paid. */
  readonly run: string
  /** UTC milliseconds; batches made long before it are not looked for. By default all are. */
  readonly since?: number
}) {
  const routes = makeBatchRoutes(yield* HttpClient.HttpClient, options.provider)
  const batches = yield* routes.listRun(options.run, options.since ?? 0)
  const running = [...batches.values()].filter(({ status }) => cancellable.has(status))
  // One that ends in this very moment refuses to be cancelled, which is as good.
  yield* Effect.forEach(running, ({ id }) => Effect.catchTag(routes.cancel(id), "BatchRejected", () => Effect.void), {
    discard: true
  })
  return running.length
})

const cancellable: ReadonlySet<string> = new Set(["validating", "in_progress", "finalizing"])
