import type { PassResult } from "@assay/core/prompt"
import type { LoadedSuite } from "@assay/harness"
import { Effect, Path } from "effect"
import { Environment } from "../Environment.ts"
import { ExitCode } from "../ExitCode.ts"
import { failure } from "../Failure.ts"
import { Screen } from "../Screen.ts"
import { openStoreForReading } from "../show/openStore.ts"
import { findProject, pickSuites } from "../suites/findSuites.ts"
import { importSuite } from "../suites/importSuite.ts"
import { findingLines } from "./findingLines.ts"
import { lintSuite } from "./lintSuite.ts"
import { ownResults } from "./ownResults.ts"
import { promptFiles } from "./promptFiles.ts"

/**
 * Says what is wrong with the prompts of suites, by file and line: `assay lint`. Nothing is sent and nothing is written.
 *
 * Warnings leave the exit code at 0. An error, a prompt that cannot work or must not be sent, fails with exit 2 after all
 * findings are out.
 */
export const lintSuites = Effect.fn("lintSuites")(function* (options: {
  readonly suites: ReadonlyArray<string>
  readonly database: string | undefined
  readonly json: boolean
}) {
  const { out, style } = yield* Screen
  const path = yield* Path.Path
  const { directory } = yield* Environment
  const project = yield* findProject(directory)
  const picked = yield* pickSuites(project, options.suites)
  const linted = yield* Effect.forEach(picked, (found) =>
    Effect.gen(function* () {
      const suite = yield* importSuite(found)
      const prompts = yield* promptFiles(found)
      const findings = lintSuite(suite, prompts, yield* resultsOf(suite, options.database))
      return {
        name: suite.name,
        prompts: prompts.length,
        findings: findings.map((finding) => ({ ...finding, file: path.relative(directory, finding.file) }))
      }
    })
  )
  const findings = linted.flatMap((suite) => suite.findings)
  const prompts = linted.reduce((sum, suite) => sum + suite.prompts, 0)
  if (options.json) {
    const rows = linted.flatMap(({ findings, name }) => findings.map((finding) => toRow(name, finding)))
    yield* out(JSON.stringify(rows, null, 2))
  } else {
    for (const line of findingLines(findings, { suites: linted.length, prompts }, style)) yield* out(line)
  }
  const errors = findings.filter(({ severity }) => severity === "error")
  const [first] = errors
  if (first === undefined) return
  return yield* failure({
    code: "E0111",
    what: errors.length === 1 ? "a prompt cannot be used as it is" : `${errors.length} places make prompts unusable`,
    why: `${first.file}:${first.line}: ${first.message}`,
    kept: "nothing was sent or charged",
    fix: first.fix,
    exit: ExitCode.usage
  })
})

const toRow = (suite: string, finding: ReturnType<typeof lintSuite>[number]) => ({
  suite,
  file: finding.file,
  line: finding.line,
  rule: finding.rule,
  severity: finding.severity,
  message: finding.message,
  fix: finding.fix
})

/** Own results make lint better and are no condition of it: without a database, or with one that is busy, there are none. */
const resultsOf = Effect.fnUntraced(function* (suite: LoadedSuite, database: string | undefined) {
  const none: ReadonlyMap<string, ReadonlyArray<PassResult>> = new Map()
  const layer = yield* openStoreForReading(database)
  return yield* ownResults(suite).pipe(
    Effect.provide(layer),
    Effect.catchTag("DatabaseRefused", (refused) =>
      refused.reason === "Absent" || refused.reason === "Locked" ? Effect.succeed(none) : Effect.fail(refused)
    )
  )
})
