import { Effect, FileSystem, Path, Result, Schema } from "effect"
import { hashText } from "./internal/hashText.ts"
import type { LoadedSuite, Variant } from "./LoadedSuite.ts"
import { nearest } from "./nearest.ts"
import { type PromptTemplate, parsePrompt } from "./PromptTemplate.ts"
import type { Sample } from "./Sample.ts"
import type { Scorer } from "./Scorer.ts"
import type { ModelSettings, Suite } from "./Suite.ts"
import { SuiteInvalid } from "./SuiteInvalid.ts"

const sampleKeys = ["id", "input", "target", "tags", "cluster", "difficulty", "simulation", "check"]

/** A sample before its parts are decoded; `check` is the author's own proof of the target and is not read here. */
const RawSample = Schema.Struct({
  id: Schema.NonEmptyString,
  input: Schema.Unknown,
  target: Schema.Unknown,
  tags: Schema.optional(Schema.Array(Schema.String)),
  cluster: Schema.optional(Schema.String),
  difficulty: Schema.optional(Schema.Finite),
  simulation: Schema.optional(Schema.Unknown)
})

/**
 * Reads a suite's files and decodes its samples. `directory` is what its file names are relative to.
 *
 * Fails with the first fault found, named by file and line: a file that is missing, a line that is not JSON, a sample
 * that the suite's schema refuses, an id used twice, a prompt variable that no input has.
 */
export const loadSuite = Effect.fn("loadSuite")(function* <Input, Target, Simulation>(
  suite: Suite<Input, Target, Simulation>,
  location: { readonly directory: string; readonly file?: string }
) {
  const path = yield* Path.Path
  const invalid = (where: string, reason: string, fix?: string) =>
    new SuiteInvalid({ suite: suite.name, where, reason, fix })
  const read = (file: string) => readText(path.resolve(location.directory, file), file, suite.name)

  const lines =
    typeof suite.samples === "string"
      ? yield* parseJsonLines(yield* read(suite.samples), suite.samples, suite.name)
      : suite.samples.map((value, index) => ({ where: `${suite.name}, sample ${index + 1}`, value }))
  const samples: Array<Sample<Input, Target, Simulation>> = []
  const places = new Map<string, string>()
  for (const { where, value } of lines) {
    const sample = decodeSample(suite, value)
    if (Result.isFailure(sample)) return yield* invalid(where, sample.failure)
    const earlier = places.get(sample.success.id)
    if (earlier !== undefined) {
      return yield* invalid(where, `the id "${sample.success.id}" is used twice; it is first used at ${earlier}`)
    }
    places.set(sample.success.id, where)
    samples.push(sample.success)
  }
  if (samples.length === 0) return yield* invalid(String(suite.samples), "it has no samples")
  if (suite.prompts.length === 0) return yield* invalid(suite.name, "it has no prompts")
  if (suite.settings.length === 0) return yield* invalid(suite.name, "it has no settings")

  const prompts: Array<PromptTemplate> = []
  for (const file of suite.prompts) {
    const prompt = parsePrompt(path.basename(file, path.extname(file)), yield* read(file))
    const lacking = findLackingVariable(prompt, samples)
    if (lacking !== undefined) {
      const { variable, sample } = lacking
      const meant = nearest(variable, Object.keys(sample.input as object))
      const hint = meant === undefined ? undefined : `did you mean {{${meant}}}?`
      return yield* invalid(file, `{{${variable}}} is not in the input of sample "${sample.id}"`, hint)
    }
    prompts.push(prompt)
  }

  const loaded: LoadedSuite = {
    name: suite.name,
    description: suite.description ?? "",
    file: location.file,
    samples,
    samplesHash: hashText(JSON.stringify(samples.map(({ id, input, target }) => [id, input, target]))),
    variants: combine(prompts, suite.settings),
    // A suite's scorers take its own inputs and targets, which are what its samples hold.
    scorers: suite.scorers as ReadonlyArray<Scorer<unknown, unknown>>,
    scorersHash: hashText(JSON.stringify(suite.scorers.map(({ name, version, options }) => [name, version, options]))),
    trials: suite.trials ?? 1,
    simulate: suite.simulate as LoadedSuite["simulate"]
  }
  return loaded
})

const readText = (file: string, shown: string, suite: string) =>
  Effect.gen(function* () {
    const files = yield* FileSystem.FileSystem
    return yield* files.readFileString(file)
  }).pipe(
    Effect.mapError((error) => {
      const reason =
        error.reason._tag === "NotFound" ? "the file does not exist" : `it cannot be read: ${error.message}`
      return new SuiteInvalid({ suite, where: shown, reason, fix: undefined })
    })
  )

interface Line {
  /** File and line, for messages. */
  readonly where: string
  readonly value: unknown
}

const parseJsonLines = (text: string, file: string, suite: string) =>
  Effect.forEach(
    text
      .replace(/^\uFEFF/, "")
      .split("\n")
      .map((line, index) => ({ line, where: `${file}:${index + 1}` }))
      .filter(({ line }) => line.trim() !== ""),
    ({ line, where }) =>
      Effect.try({
        try: (): Line => ({ where, value: JSON.parse(line) }),
        catch: (error) => {
          const reason = `the line is not JSON: ${error instanceof Error ? error.message : String(error)}`
          return new SuiteInvalid({ suite, where, reason, fix: undefined })
        }
      })
  )

const decodeRaw = Schema.decodeUnknownResult(RawSample)

const decodeSample = <Input, Target, Simulation>(
  suite: Suite<Input, Target, Simulation>,
  value: unknown
): Result.Result<Sample<Input, Target, Simulation>, string> =>
  Result.gen(function* () {
    const unknownKey = Object.keys(Object(value)).find((key) => !sampleKeys.includes(key))
    if (unknownKey !== undefined) {
      const meant = nearest(unknownKey, sampleKeys)
      return yield* Result.fail(`unknown key "${unknownKey}"${meant === undefined ? "" : `; did you mean "${meant}"?`}`)
    }
    const raw = yield* Result.mapError(decodeRaw(value), ({ message }) => message)
    const part = <A>(name: string, schema: Schema.ConstraintDecoder<A>, encoded: unknown) =>
      Result.mapError(Schema.decodeUnknownResult(schema)(encoded), ({ message }) => `${name}: ${message}`)
    return {
      id: raw.id,
      input: yield* part("input", suite.input, raw.input),
      target: yield* part("target", suite.target, raw.target),
      simulation:
        suite.simulation === undefined
          ? (undefined as Simulation)
          : yield* part("simulation", suite.simulation, raw.simulation),
      tags: raw.tags ?? [],
      cluster: raw.cluster ?? raw.id,
      difficulty: raw.difficulty
    }
  })

const findLackingVariable = (prompt: PromptTemplate, samples: ReadonlyArray<Sample>) => {
  for (const sample of samples) {
    const variable = prompt.variables.find((name) => !Object.hasOwn(Object(sample.input), name))
    if (variable !== undefined) return { variable, sample }
  }
  return undefined
}

/** Prompts × settings. A variant's name says only what tells it apart, so one set of settings needs no mention. */
const combine = (
  prompts: ReadonlyArray<PromptTemplate>,
  settings: ReadonlyArray<ModelSettings>
): ReadonlyArray<Variant> => {
  const varies = (read: (setting: ModelSettings) => unknown) => new Set(settings.map(read)).size > 1
  const parts = [
    (setting: ModelSettings) => setting.model,
    (setting: ModelSettings) => setting.reasoningEffort ?? "no effort",
    (setting: ModelSettings) => `${setting.maxCompletionTokens} tokens`
  ].filter(varies)
  return prompts.flatMap((prompt) =>
    settings.map((setting) => ({
      name: [prompt.name, ...parts.map((part) => part(setting))].join(" "),
      prompt,
      settings: setting
    }))
  )
}
