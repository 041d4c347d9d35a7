import { seededRandom, shuffle } from "./internal/seededRandom.ts"
import type { LoadedSuite, Variant } from "./LoadedSuite.ts"
import type { Sample } from "./Sample.ts"

/** One sample to be put to one variant once. */
export interface PlannedTrial {
  readonly suite: LoadedSuite
  readonly variant: Variant
  readonly sample: Sample
  readonly trialIndex: number
}

/** What a run will do, before anything is spent. */
export interface Plan {
  readonly seed: number
  readonly suites: ReadonlyArray<LoadedSuite>
  /** Trials in all. */
  readonly size: number
  /** The trials in the order in which they are to be called, made one at a time. */
  trials(): Generator<PlannedTrial>
}

/**
 * Plans suites × variants × samples × trials. Pure: the same seed gives the same order. `limit` takes the first samples
 * of each suite.
 *
 * Clusters of all suites are shuffled together, so that a run that stops early has some of each suite; inside a cluster
 * all variants and trials of its samples are neighbours in random order, so that a drift of the provider meets all
 * variants alike and what is finished is mostly complete pairs.
 */
export const makePlan = (
  suites: ReadonlyArray<LoadedSuite>,
  options: { readonly seed: number; readonly limit?: number | undefined }
): Plan => {
  const limited = suites.map((suite) =>
    options.limit === undefined ? suite : { ...suite, samples: suite.samples.slice(0, Math.max(0, options.limit)) }
  )
  const size = limited.reduce((sum, suite) => sum + suite.samples.length * suite.variants.length * suite.trials, 0)
  return { seed: options.seed, suites: limited, size, trials: () => orderTrials(limited, options.seed) }
}

interface Block {
  readonly suite: LoadedSuite
  readonly samples: ReadonlyArray<Sample>
}

function* orderTrials(suites: ReadonlyArray<LoadedSuite>, seed: number): Generator<PlannedTrial> {
  const random = seededRandom(seed)
  for (const { suite, samples } of shuffle(suites.flatMap(blocksOf), random)) {
    const trials: Array<PlannedTrial> = []
    for (const sample of samples) {
      for (const variant of suite.variants) {
        for (let trialIndex = 0; trialIndex < suite.trials; trialIndex += 1) {
          trials.push({ suite, variant, sample, trialIndex })
        }
      }
    }
    yield* shuffle(trials, random)
  }
}

const blocksOf = (suite: LoadedSuite): ReadonlyArray<Block> => {
  const clusters = Map.groupBy(suite.samples, ({ cluster }) => cluster)
  return Array.from(clusters.values(), (samples) => ({ suite, samples }))
}
