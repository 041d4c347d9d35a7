import type { ReasoningEffort } from "@assay/core"
import type { Schema } from "effect"
import type { Sample } from "./Sample.ts"
import type { Scorer } from "./Scorer.ts"

/** The settings of a model: with a prompt they make a variant. */
export interface ModelSettings {
  readonly model: string
  readonly reasoningEffort?: ReasoningEffort
  /** The most tokens a completion may have, reasoning included. It bounds what a trial may cost. */
  readonly maxCompletionTokens: number
  /** Asks the model for a JSON object. */
  readonly json?: boolean
}

/** What the simulated model knows of a sample. Never sent to a real provider. */
export interface SimulatedTruth {
  readonly right: string
  /** Plausible wrong answers. */
  readonly wrong: ReadonlyArray<string>
  /** 0 easy … 1 hard. */
  readonly difficulty: number
  readonly format: "number" | "text" | "json" | "code"
  /** The fence's language, for code. */
  readonly language?: string
}

/** A sample as an author writes it: only `id`, `input` and `target` are required. */
export interface SampleDefinition<Input, Target, Simulation> {
  readonly id: string
  readonly input: Input
  readonly target: Target
  readonly tags?: ReadonlyArray<string>
  readonly cluster?: string
  readonly difficulty?: number
  readonly simulation?: Simulation
}

/**
 * A question that we keep asking of a prompt: samples, prompts, settings and scorers. Plain data, made by `defineSuite`;
 * file names are relative to the suite's own file.
 */
export interface Suite<Input = never, Target = never, Simulation = never> {
  readonly name: string
  readonly description?: string
  /** Decodes each sample's `input`, whose fields fill the prompts' `{{variables}}`. */
  readonly input: Schema.ConstraintDecoder<Input>
  readonly target: Schema.ConstraintDecoder<Target>
  /** Decodes what only the simulated model may see. */
  readonly simulation?: Schema.ConstraintDecoder<Simulation>
  /** A JSON Lines file, or the samples themselves. */
  readonly samples: string | ReadonlyArray<SampleDefinition<Input, Target, Simulation>>
  /** Markdown files of prompts; a prompt's name is its file's name. */
  readonly prompts: ReadonlyArray<string>
  /** The matrix is prompts × settings. */
  readonly settings: ReadonlyArray<ModelSettings>
  readonly scorers: ReadonlyArray<Scorer<Input, Target>>
  /** How often each sample is put to each variant; 1 by default. */
  readonly trials?: number
  readonly simulate?: (sample: Sample<Input, Target, Simulation>) => SimulatedTruth
}
