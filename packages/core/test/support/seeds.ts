import { Effect } from "effect"

/** How many seeds a property is tried with: 200, or 1,000 when ASSAY_LONG is 1. */
// @effect-diagnostics-next-line processEnv:off -- tests are named at load time, before any Effect could read it.
export const seedCount = process.env["ASSAY_LONG"] === "1" ? 1000 : 200

/** Chance that a seed repeats (mulberry32). */
export interface Chance {
  /** In [0, 1). */
  readonly next: () => number
  /** In [0, below). */
  readonly int: (below: number) => number
  readonly pick: <A>(options: readonly [A, ...ReadonlyArray<A>]) => A
}

export const chance = (seed: number): Chance => {
  let state = seed + 0x6d2b79f5
  const next = () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  const int = (below: number) => Math.floor(next() * below)
  return { next, int, pick: (options) => options[int(options.length)] ?? options[0] }
}

/** Checks a property with every seed and names the seed that broke it. */
export const forSeeds = (check: (chance: Chance, seed: number) => void): void => {
  for (let seed = 0; seed < seedCount; seed += 1) {
    try {
      check(chance(seed), seed)
    } catch (cause) {
      throw new Error(`broken by seed ${seed}: ${String(cause)}`, { cause })
    }
  }
}

/** `forSeeds` for a property that is an Effect. */
export const forSeedsEffect = <E, R>(
  check: (chance: Chance, seed: number) => Effect.Effect<void, E, R>
): Effect.Effect<void, E, R> =>
  Effect.forEach(
    Array.from({ length: seedCount }, (_, seed) => seed),
    (seed) =>
      Effect.suspend(() => check(chance(seed), seed)).pipe(
        Effect.catchDefect((cause) => Effect.die(new Error(`broken by seed ${seed}: ${String(cause)}`, { cause })))
      ),
    { discard: true }
  )
