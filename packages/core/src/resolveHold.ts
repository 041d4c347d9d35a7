import type { Resolution } from "./LedgerJournal.ts"

/**
 * What an attempt costs in all, and still binds, once its hold is resolved (pico-credits); pure, so that every journal
 * resolves alike. `settled` is what was settled for it before: more than nothing after an estimate. It never shrinks.
 */
export const resolveHold = (
  settled: bigint,
  resolution: Resolution
): { readonly settled: bigint; readonly held: bigint } => {
  if (resolution === "not-charged") return { settled, held: 0n }
  if ("charged" in resolution) return { settled: larger(settled, resolution.charged), held: 0n }
  const { amount, held } = resolution.settlement.charge
  const total = larger(settled, amount)
  // Together they stay what the reply says at most.
  return { settled: total, held: larger(amount + held - total, 0n) }
}

const larger = (a: bigint, b: bigint): bigint => (a > b ? a : b)
