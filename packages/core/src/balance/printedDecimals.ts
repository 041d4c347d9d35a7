import type { BalanceState, SeenCall } from "./BalanceState.ts"

const picoDecimals = 12

/** Decimals of credits that an amount of pico-credits needs: what it was printed with, at the least. */
export const printedDecimals = (amount: bigint): number => {
  if (amount === 0n) return 0
  let decimals = picoDecimals
  for (let rest = amount; decimals > 0 && rest % 10n === 0n; rest /= 10n) decimals -= 1
  return decimals
}

/**
 * The most that rounding may have moved a drop and the charges in it, in pico-credits: a unit of the last decimal that
 * was ever seen, for either balance and for each charge that is remembered.
 */
export const roundingOf = ({ decimals, folded, recent }: BalanceState) => {
  const charges = folded.charges + recent.filter(({ high }) => high > 0n).length
  const ofCharges = BigInt(charges) * unit(decimals.cost)
  return (earlier: SeenCall, later: SeenCall): bigint =>
    unit(decimals[earlier.source]) + unit(decimals[later.source]) + ofCharges
}

/** One unit of the last decimal, by the number of decimals. */
const units = Array.from({ length: picoDecimals + 1 }, (_, decimals) => 10n ** BigInt(picoDecimals - decimals))

const unit = (decimals: number): bigint => units[decimals] ?? 1n
