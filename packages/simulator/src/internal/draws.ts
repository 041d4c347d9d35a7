/** A stream of numbers in [0, 1), fixed by its seed. */
export type Draws = () => number

/**
 * The small fast counter generator (sfc32) over 128 bits of a SHA-256 digest: no shared state, no chance, and a draw
 * costs a few additions.
 */
export const drawsFrom = (digest: string): Draws => {
  let a = Number.parseInt(digest.slice(0, 8), 16) | 0
  let b = Number.parseInt(digest.slice(8, 16), 16) | 0
  let c = Number.parseInt(digest.slice(16, 24), 16) | 0
  let counter = Number.parseInt(digest.slice(24, 32), 16) | 0
  return () => {
    const sum = (((a + b) | 0) + counter) | 0
    counter = (counter + 1) | 0
    a = b ^ (b >>> 9)
    b = (c + (c << 3)) | 0
    c = (((c << 21) | (c >>> 11)) + sum) | 0
    return (sum >>> 0) / 4_294_967_296
  }
}

/** One draw from the standard normal distribution (Box and Muller). */
export const normal = (draws: Draws): number => Math.sqrt(-2 * Math.log(1 - draws())) * Math.cos(2 * Math.PI * draws())

/** One entry, each as likely as its weight says. */
export const pick = <A>(draws: Draws, choices: readonly [Weighted<A>, ...ReadonlyArray<Weighted<A>>]): A => {
  let rest = draws() * choices.reduce((total, [weight]) => total + weight, 0)
  for (const [weight, choice] of choices) {
    rest -= weight
    if (rest < 0) return choice
  }
  return choices[0][1]
}

type Weighted<A> = readonly [weight: number, choice: A]
