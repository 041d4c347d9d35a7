import type { LoadedSuite } from "../../LoadedSuite.ts"
import { parsePrompt } from "../../PromptTemplate.ts"
import type { Sample } from "../../Sample.ts"
import type { Scorer } from "../../Scorer.ts"
import type { ModelSettings, SampleDefinition } from "../../Suite.ts"
import { exact } from "../../scorers/exact.ts"
import { combineVariants } from "../combineVariants.ts"
import { hashText } from "../hashText.ts"

/** What a test wants to say of a suite; everything else is small and usual. */
export interface TinySuiteOptions {
  readonly name?: string
  /** The samples, or how many to make: sample 2 asks `{ question: "question 2" }`, and the answer is "ok". */
  readonly samples?: number | ReadonlyArray<SampleDefinition<unknown, unknown, unknown>>
  /** Texts by prompt name; `{ plain: "{{question}}" }` by default. */
  readonly prompts?: Readonly<Record<string, string>>
  readonly settings?: ReadonlyArray<ModelSettings>
  /** `exact()` by default. */
  readonly scorers?: ReadonlyArray<Scorer<never, never>>
  readonly trials?: number
}

/** A suite as `loadSuite` would give it, without files: 3 samples, one prompt, o3-mini, scored exactly. */
export const tinySuite = (options: TinySuiteOptions = {}): LoadedSuite => {
  const { prompts = { plain: "{{question}}" }, scorers = [exact() as Scorer<never, never>] } = options
  const samples = samplesOf(options.samples ?? 3)
  const templates = Object.entries(prompts).map(([name, text]) => parsePrompt(name, text))
  const settings = options.settings ?? [{ model: "o3-mini", maxCompletionTokens: 1000 }]
  return {
    name: options.name ?? "tiny",
    description: "",
    file: undefined,
    samples,
    samplesHash: hashText(JSON.stringify(samples)),
    variants: combineVariants(templates, settings),
    scorers: scorers as ReadonlyArray<Scorer<unknown, unknown>>,
    scorersHash: hashText(JSON.stringify(scorers.map(({ name, version }) => [name, version]))),
    trials: options.trials ?? 1,
    simulate: undefined
  }
}

const samplesOf = (samples: NonNullable<TinySuiteOptions["samples"]>): ReadonlyArray<Sample> => {
  const definitions: ReadonlyArray<SampleDefinition<unknown, unknown, unknown>> =
    typeof samples === "number"
      ? Array.from({ length: samples }, (_, index) => ({
          id: `sample-${index + 1}`,
          input: { question: `question ${index + 1}` },
          target: "ok"
        }))
      : samples
  return definitions.map(({ id, input, target, tags = [], cluster = id, difficulty, simulation }) => ({
    id,
    input,
    target,
    tags,
    cluster,
    difficulty,
    simulation
  }))
}
