import { pathToFileURL } from "node:url"
import { loadSuite, type Suite, SuiteInvalid } from "@assay/harness"
import { Effect, Path, Predicate } from "effect"
import { Environment } from "../Environment.ts"
import type { SuiteFile } from "./findSuites.ts"

/** Imports a suite's module, checks its shape, and reads its samples and prompts. */
export const importSuite = Effect.fn("importSuite")(function* ({ name, file }: SuiteFile) {
  const path = yield* Path.Path
  const { directory: shownFrom } = yield* Environment
  const invalid = (reason: string, fix?: string) =>
    new SuiteInvalid({ suite: name, where: path.relative(shownFrom, file), reason, fix })
  const module: unknown = yield* Effect.tryPromise({
    try: () => import(pathToFileURL(file).href),
    catch: (error) => invalid(`it cannot be imported: ${error instanceof Error ? error.message : String(error)}`)
  })
  const suite = Predicate.hasProperty(module, "default") ? module.default : undefined
  const fault = shapeFault(suite)
  if (fault !== undefined) return yield* invalid(fault, "export default defineSuite({ … })")
  const directory = path.dirname(file)
  const declared = suite as Suite<unknown, unknown, unknown>
  return yield* loadSuite(declared, { directory, file }).pipe(
    Effect.mapError((error) => {
      const where = isInFile(error.where, declared)
        ? path.relative(shownFrom, path.resolve(directory, error.where))
        : error.where
      return new SuiteInvalid({ ...error, where })
    })
  )
})

/** Whether a fault's place is one of the suite's own files, with its line or without. */
const isInFile = (where: string, { samples, prompts }: Suite<unknown, unknown, unknown>): boolean =>
  [samples, ...prompts].some((file) => typeof file === "string" && (where === file || where.startsWith(`${file}:`)))

const suiteKeys: Readonly<Record<string, (value: unknown) => boolean>> = {
  name: Predicate.isString,
  description: (value) => value === undefined || Predicate.isString(value),
  input: Predicate.isObjectKeyword,
  target: Predicate.isObjectKeyword,
  simulation: (value) => value === undefined || Predicate.isObjectKeyword(value),
  samples: (value) => Predicate.isString(value) || Array.isArray(value),
  prompts: Array.isArray,
  settings: Array.isArray,
  scorers: (value) => Array.isArray(value) && value.length > 0 && value.every(isScorer),
  trials: (value) => value === undefined || (Number.isSafeInteger(value) && Number(value) >= 1),
  simulate: (value) => value === undefined || Predicate.isFunction(value)
}

/** What is wrong with a module's default export, in words; undefined when it is a suite. */
const shapeFault = (suite: unknown): string | undefined => {
  if (!Predicate.isObject(suite)) return "it has no default export that is a suite"
  const fields = suite as Record<string, unknown>
  const unknownKey = Object.keys(fields).find((key) => !Object.hasOwn(suiteKeys, key))
  if (unknownKey !== undefined) return `unknown key "${unknownKey}" in the suite`
  const wrong = Object.entries(suiteKeys).find(([key, fits]) => !fits(fields[key]))
  return wrong === undefined ? undefined : `"${wrong[0]}" is missing or of the wrong kind`
}

const isScorer = (value: unknown): boolean =>
  Predicate.hasProperty(value, "name") && Predicate.hasProperty(value, "score") && Predicate.isFunction(value.score)
