import type { Effect } from "effect"
import type { CodeSandbox } from "./CodeSandbox.ts"
import type { Score } from "./Score.ts"

/** What a scorer judges. */
export interface ScorerInput<out Input, out Target> {
  readonly sampleId: string
  readonly input: Input
  readonly target: Target
  /** The completion's text. */
  readonly output: string
}

/** The services that scorers may ask for; the runner provides them. */
export type ScorerServices = CodeSandbox

/**
 * Judges an output against a target. A plain value: it is stored with each score as name, version and options.
 *
 * A scorer never throws for what a model wrote; if it does throw, the runner records `Unscored` with the reason.
 */
export interface Scorer<in Input = never, in Target = never> {
  readonly name: string
  /** Raised when the same output may get another score than before: runs with different versions are not comparable. */
  readonly version: number
  readonly options: Readonly<Record<string, unknown>>
  /** Whether a trial can pass without it; `true` by default. */
  readonly required?: boolean
  /** The least value that passes, 0…1; 1 by default. */
  readonly passAt?: number
  score(judged: ScorerInput<Input, Target>): Score | Effect.Effect<Score, never, ScorerServices>
}
