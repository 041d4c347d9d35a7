import { RunStore } from "@assay/harness"
import { Effect } from "effect"
import { ExitCode } from "../ExitCode.ts"
import { type Failure, failure } from "../Failure.ts"

/** The stored run whose id begins with `id`, or the newest. */
export const requireRun = Effect.fnUntraced(function* (id: string | undefined) {
  const store = yield* RunStore
  const run = yield* store.findRun(id)
  if (run !== undefined) return run
  if (id === undefined) return yield* noRunYet(undefined)
  return yield* failure({
    code: "E0601",
    what: `there is no run "${id}"`,
    fix: "assay list",
    exit: ExitCode.notFound
  })
})

/** What is asked for cannot be there: no run was stored, or not even the `file` for it exists. */
export const noRunYet = (file: string | undefined): Failure =>
  failure({
    code: "E0601",
    what: "there is no run yet",
    why: file === undefined ? undefined : `${file} does not exist`,
    fix: "assay run",
    exit: ExitCode.notFound
  })
