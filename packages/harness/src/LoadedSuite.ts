import type { PromptTemplate } from "./PromptTemplate.ts"
import type { Sample } from "./Sample.ts"
import type { Scorer } from "./Scorer.ts"
import type { ModelSettings, SimulatedTruth } from "./Suite.ts"

/** One column of a suite's matrix: a prompt with the settings of a model. */
export interface Variant {
  /** The prompt's name, and the settings that tell it from the suite's other variants. */
  readonly name: string
  readonly prompt: PromptTemplate
  readonly settings: ModelSettings
}

/** A suite whose files are read and whose samples are decoded: all that a plan needs. */
export interface LoadedSuite {
  readonly name: string
  readonly description: string
  /** Where the suite was loaded from; undefined when a program made it. */
  readonly file: string | undefined
  readonly samples: ReadonlyArray<Sample>
  readonly samplesHash: string
  readonly variants: ReadonlyArray<Variant>
  /** Their input and target types were checked where the suite was defined. */
  readonly scorers: ReadonlyArray<Scorer<unknown, unknown>>
  readonly scorersHash: string
  readonly trials: number
  readonly simulate: ((sample: Sample) => SimulatedTruth) | undefined
}
