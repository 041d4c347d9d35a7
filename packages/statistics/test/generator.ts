/**
 * A seeded stream of numbers in [0, 1), the same on every machine: x -> 1664525 x + 1013904223 modulo 2^32. Its low
 * bits are poor, so only use it where the leading digits matter.
 */
export const seededGenerator = (seed: number): (() => number) => {
  let state = seed >>> 0
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state / 2 ** 32
  }
}

/** A whole number from `least` to `most`, both included. */
export const wholeNumber = (next: () => number, least: number, most: number): number =>
  least + Math.floor(next() * (most - least + 1))
