/** One question of a suite, with the answer that is right. */
export interface Sample<out Input = unknown, out Target = unknown, out Simulation = unknown> {
  /** Stable and unique in its suite; it pairs runs. */
  readonly id: string
  readonly input: Input
  readonly target: Target
  readonly tags: ReadonlyArray<string>
  /** Samples of one cluster share a source, so they are not independent; the sample's own id by default. */
  readonly cluster: string
  /** 0 easy … 1 hard, where the author says so. */
  readonly difficulty: number | undefined
  /** What only the simulated model may see: plausible wrong answers and the like. */
  readonly simulation: Simulation
}
