// What verbs do. A chunk of its own: `--help` and completions do not wait for it.
import * as harness from "@assay/harness"
import * as harnessCode from "@assay/harness/code"
import { loadEffect, shareModules } from "./suites/shareModules.ts"

export { auditHeld } from "./credits/auditHeld.ts"
export { resolveHeld } from "./credits/resolveHeld.ts"
export { showCredits } from "./credits/showCredits.ts"
export { runDoctor } from "./doctor/runDoctor.ts"
export { lintSuites } from "./lint/lintSuites.ts"
export { resumeRun } from "./run/resumeRun.ts"
export { runSuites } from "./run/runSuites.ts"
export { listRuns } from "./show/listRuns.ts"
export { listSuites } from "./show/listSuites.ts"
export { showRun } from "./show/showRun.ts"

shareModules(
  new Map([
    ["@assay/harness", () => harness],
    ["@assay/harness/code", () => harnessCode],
    ["effect", loadEffect]
  ])
)
