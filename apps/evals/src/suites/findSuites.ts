import { nearest } from "@assay/harness"
import { Effect, FileSystem, Path } from "effect"
import { ExitCode } from "../ExitCode.ts"
import { failure } from "../Failure.ts"

/** A suite that can be run by name. */
export interface SuiteFile {
  readonly name: string
  /** Absolute. */
  readonly file: string
}

/** A folder with suites: where the store is, and what `file` of a stored suite is relative to. */
export interface Project {
  /** Absolute. */
  readonly root: string
  readonly suites: ReadonlyArray<SuiteFile>
}

const suiteFileNames = ["suite.ts", "suite.mts", "suite.js", "suite.mjs"]

/**
 * The project that `from` lies in: the nearest folder, upward to the git root, that has `evals/<name>/suite.ts`; `from`
 * itself where there is none. Nothing above a git root is looked at, since a suite is code.
 */
export const findProject = Effect.fn("findProject")(function* (from: string) {
  const files = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  for (let folder = path.resolve(from); ; folder = path.dirname(folder)) {
    const suites = yield* suitesIn(path.join(folder, "evals"))
    if (suites.length > 0) return { root: folder, suites } satisfies Project
    const isGitRoot = yield* files.exists(path.join(folder, ".git"))
    if (isGitRoot || path.dirname(folder) === folder) return { root: path.resolve(from), suites: [] } satisfies Project
  }
})

/** The suites that the arguments name: by name, by folder or by file; all of the project when nothing is named. */
export const pickSuites = Effect.fn("pickSuites")(function* (project: Project, names: ReadonlyArray<string>) {
  if (names.length === 0 && project.suites.length === 0) {
    return yield* failure({
      code: "E0101",
      what: "there are no suites here",
      why: `${project.root} has no evals/<name>/suite.ts`,
      fix: "name a suite's file: assay run path/to/suite.ts",
      exit: ExitCode.usage
    })
  }
  return names.length === 0 ? project.suites : yield* Effect.forEach(names, (name) => pickSuite(project, name))
})

const pickSuite = Effect.fnUntraced(function* (project: Project, name: string) {
  const known = project.suites.find((suite) => suite.name === name)
  if (known !== undefined) return known
  const path = yield* Path.Path
  const file = yield* fileAt(path.resolve(name))
  if (file !== undefined) return { name: path.basename(path.dirname(file)), file }
  const names = project.suites.map((suite) => suite.name)
  const meant = nearest(name, names)
  return yield* failure({
    code: "E0101",
    what: `unknown suite "${name}"`,
    why: names.length === 0 ? `${project.root} has no suites` : `known suites: ${names.join(", ")}`,
    kept: "nothing was sent or charged",
    fix: meant === undefined ? "assay list suites" : `did you mean "${meant}"?`,
    exit: ExitCode.usage
  })
})

const suitesIn = Effect.fnUntraced(function* (folder: string) {
  const files = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  const names = yield* files.readDirectory(folder).pipe(Effect.orElseSucceed((): Array<string> => []))
  const found: Array<SuiteFile> = []
  for (const name of names.toSorted()) {
    const place = path.join(folder, name)
    const file = yield* fileAt(place)
    if (file !== undefined && file !== place) found.push({ name, file })
  }
  return found
})

/** The suite file at a path: the file itself, or the one in that folder. */
const fileAt = Effect.fnUntraced(
  function* (place: string) {
    const files = yield* FileSystem.FileSystem
    const path = yield* Path.Path
    const kind = yield* files.stat(place).pipe(
      Effect.map((info) => info.type),
      Effect.orElseSucceed(() => undefined)
    )
    if (kind === "File") return place
    if (kind !== "Directory") return undefined
    for (const name of suiteFileNames) {
      const file = path.join(place, name)
      if (yield* files.exists(file)) return file
    }
    return undefined
  },
  Effect.orElseSucceed(() => undefined)
)
