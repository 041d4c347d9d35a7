import { Effect, Path, Predicate } from "effect"
import { combineVariants } from "./internal/combineVariants.ts"
import { hashText } from "./internal/hashText.ts"
import { readSamples } from "./internal/readSamples.ts"
import { readText } from "./internal/readText.ts"
import { suiteFault } from "./internal/suiteFault.ts"
import type { LoadedSuite } from "./LoadedSuite.ts"
import { nearest } from "./nearest.ts"
import { type PromptTemplate, parsePrompt, promptFault } from "./PromptTemplate.ts"
import type { Sample } from "./Sample.ts"
import type { Scorer } from "./Scorer.ts"
import type { Suite } from "./Suite.ts"
import { SuiteInvalid } from "./SuiteInvalid.ts"

/**
 * Reads a suite's files and decodes its samples. `directory` is what its file names are relative to.
 *
 * Fails with the first fault found, named by file and line: a file that is missing, a line that is not JSON, a sample
 * that the suite's schema refuses, an id used twice, a prompt variable that no input has, a suite whose trials could
 * only pass or could not be told apart.
 */
export const loadSuite = Effect.fn("loadSuite")(function* <Input, Target, Simulation>(
  suite: Suite<Input, Target, Simulation>,
  location: { readonly directory: string; readonly file?: string }
) {
  const path = yield* Path.Path
  const invalid = (where: string, reason: string, fix?: string) =>
    new SuiteInvalid({ suite: suite.name, where, reason, fix })
  const read = (file: string) => readText(path.resolve(location.directory, file), { shown: file, suite: suite.name })

  const fault = suiteFault(suite)
  if (fault !== undefined) return yield* invalid(suite.name, fault)
  const source =
    typeof suite.samples === "string" ? { file: suite.samples, text: yield* read(suite.samples) } : undefined
  const decoded = yield* readSamples(suite, source)
  const samples = decoded.map(({ sample }) => sample)

  const prompts: Array<PromptTemplate> = []
  for (const file of suite.prompts) {
    const text = yield* read(file)
    const prompt = parsePrompt(path.basename(file, path.extname(file)), text)
    const unfit = promptFault(text)
    if (unfit !== undefined) return yield* invalid(file, unfit)
    const lacking = findLackingVariable(prompt, samples)
    if (lacking !== undefined) {
      const { variable, sample } = lacking
      const meant = nearest(variable, fieldsOf(sample.input))
      const hint = meant === undefined ? undefined : `did you mean {{${meant}}}?`
      return yield* invalid(file, `{{${variable}}} is not in the input of sample "${sample.id}"`, hint)
    }
    prompts.push(prompt)
  }
  const variants = combineVariants(prompts, suite.settings)
  const names = variants.map(({ name }) => name)
  const twice = names.find((name, index) => names.indexOf(name) < index)
  if (twice !== undefined) {
    return yield* invalid(
      suite.name,
      `two variants are called "${twice}": a prompt or a set of settings is there twice`
    )
  }

  const loaded: LoadedSuite = {
    name: suite.name,
    description: suite.description ?? "",
    file: location.file,
    samples,
    samplesHash: hashText(JSON.stringify(decoded.map(({ hash }) => hash))),
    variants,
    // A suite's scorers take its own inputs and targets, which are what its samples hold.
    scorers: suite.scorers as ReadonlyArray<Scorer<unknown, unknown>>,
    scorersHash: hashText(JSON.stringify(suite.scorers.map(verdictOf))),
    trials: suite.trials ?? 1,
    simulate: suite.simulate as LoadedSuite["simulate"]
  }
  return loaded
})

/** All of a scorer that decides whether a trial passes: runs in which it differs are not comparable. */
const verdictOf = ({ name, version, options, required, passAt }: Omit<Scorer, "score">) => [
  name,
  version,
  options,
  required !== false,
  passAt ?? 1
]

const findLackingVariable = ({ variables }: PromptTemplate, samples: ReadonlyArray<Sample>) => {
  if (variables.length === 0) return undefined
  for (const sample of samples) {
    const fields = new Set(fieldsOf(sample.input))
    const variable = variables.find((name) => !fields.has(name))
    if (variable !== undefined) return { variable, sample }
  }
  return undefined
}

/** The names that a prompt may use: fields with a value. */
const fieldsOf = (input: unknown): ReadonlyArray<string> =>
  Predicate.isObject(input) ? Object.keys(input).filter((name) => input[name as keyof typeof input] !== undefined) : []
