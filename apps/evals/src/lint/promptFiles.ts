import { pathToFileURL } from "node:url"
import { SuiteInvalid } from "@assay/harness"
import { Effect, FileSystem, Path, Predicate } from "effect"
import type { SuiteFile } from "../suites/findSuites.ts"

/** A prompt as its author sees it: lines and all. */
export interface PromptFile {
  /** Absolute. */
  readonly file: string
  /** The file's name without its ending, which is the prompt's. */
  readonly name: string
  readonly text: string
}

/**
 * The prompt files of a suite that `importSuite` has accepted. A loaded suite keeps its prompts as messages, without the
 * lines that a finding points at, so they are read again; the module itself comes from Node's cache.
 */
export const promptFiles = Effect.fn("promptFiles")(function* (suite: SuiteFile) {
  const files = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  const invalid = (where: string, reason: string) =>
    new SuiteInvalid({ suite: suite.name, where, reason, fix: undefined })
  const module: unknown = yield* Effect.tryPromise({
    try: () => import(pathToFileURL(suite.file).href),
    catch: (error) => invalid(suite.file, `it cannot be imported: ${String(error)}`)
  })
  return yield* Effect.forEach(promptsOf(module), (name) => {
    const file = path.resolve(path.dirname(suite.file), name)
    return files.readFileString(file).pipe(
      Effect.map((text): PromptFile => ({ file, name: path.basename(file, path.extname(file)), text })),
      Effect.mapError((error) => invalid(file, `it cannot be read: ${error.message}`))
    )
  })
})

const promptsOf = (module: unknown): ReadonlyArray<string> => {
  const suite = Predicate.hasProperty(module, "default") ? module.default : undefined
  const prompts = Predicate.hasProperty(suite, "prompts") ? suite.prompts : undefined
  return Array.isArray(prompts) ? prompts.filter(Predicate.isString) : []
}
