import { RunStore } from "@assay/harness"
import { Effect } from "effect"
import { ExitCode } from "../ExitCode.ts"
import { failure } from "../Failure.ts"

/** The stored run whose id begins with `id`, or the newest. */
export const requireRun = Effect.fnUntraced(function* (id: string | undefined) {
  const store = yield* RunStore
  const run = yield* store.findRun(id)
  if (run !== undefined) return run
  return yield* failure({
    code: "E0601",
    what: id === undefined ? "there is no run yet" : `there is no run "${id}"`,
    fix: id === undefined ? "assay run" : "assay list",
    exit: ExitCode.notFound
  })
})
