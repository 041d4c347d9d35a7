/**
 * A small repeatable source of numbers in [0, 1): Mulberry32 (Ettinger, 2017). Good enough to shuffle a plan, and the
 * same on every machine, so that a stored seed gives the same order again.
 */
export const seededRandom = (seed: number): (() => number) => {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** Fisher–Yates in place. */
export const shuffle = <A>(items: Array<A>, random: () => number): Array<A> => {
  for (let last = items.length - 1; last > 0; last -= 1) {
    const other = Math.floor(random() * (last + 1))
    const kept = items[last] as A
    items[last] = items[other] as A
    items[other] = kept
  }
  return items
}
