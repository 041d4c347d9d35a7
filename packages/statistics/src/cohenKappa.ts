import { requireCount, tailProbability } from "./internal/inputs.ts"
import type { Interval } from "./interval.ts"
import { normalQuantile } from "./normalQuantile.ts"

/**
 * Agreement of two raters beyond chance, say of a judging model with a person: 1 is full agreement, 0 what their
 * habits alone would give, below 0 worse than that. `table[i][j]` counts the samples the first rater put in category i and
 * the second in category j.
 *
 * (observed - chance) / (1 - chance), from Cohen 1960, "A Coefficient of Agreement for Nominal Scales"; large-sample
 * standard error from Fleiss, Cohen and Everitt 1969, "Large Sample Standard Errors of Kappa and Weighted Kappa"; interval
 * kappa ± z standard errors, cut to [-1, 1]. Assumes independent samples and nominal categories. The interval is
 * rough below some 50 samples and has width 0 at full agreement; kappa is low by nature when one category dominates.
 *
 * Gives `undefined` where kappa is 0/0: no sample, or all samples in one category by both. Throws `RangeError` for a
 * table that is not square or has no row, for counts that are not whole or sum to more than 1e9, and for confidence
 * outside (0, 1).
 */
export const cohenKappa = ({ table, confidence = 0.95 }: CohenKappaOptions): CohenKappa | undefined => {
  const z = -normalQuantile(tailProbability(confidence))
  const n = requireTable(table)
  if (n === 0) return undefined
  const cells = table.flatMap((row, first) => row.map((count, second) => ({ first, second, share: count / n })))
  const firstShares = table.map((_, category) => sum(cells.filter(({ first }) => first === category)))
  const secondShares = table.map((_, category) => sum(cells.filter(({ second }) => second === category)))
  const observedAgreement = sum(cells.filter(({ first, second }) => first === second))
  const chanceAgreement = firstShares.reduce((total, share, category) => total + share * at(secondShares, category), 0)
  if (firstShares.some((share, category) => share === 1 && secondShares[category] === 1)) return undefined
  const kappa = (observedAgreement - chanceAgreement) / (1 - chanceAgreement)
  const spread = cells.reduce((total, { first, second, share }) => {
    // A cell is judged by how often its row's category was the second rater's and its column's the first rater's.
    const pull = (at(secondShares, first) + at(firstShares, second)) * (1 - kappa)
    return total + share * ((first === second ? 1 : 0) - pull) ** 2
  }, 0)
  const variance = spread - (kappa - chanceAgreement * (1 - kappa)) ** 2
  const standardError = Math.sqrt(Math.max(0, variance) / n) / (1 - chanceAgreement)
  return {
    kappa,
    standardError,
    lower: Math.max(-1, kappa - z * standardError),
    upper: Math.min(1, kappa + z * standardError),
    observedAgreement,
    chanceAgreement
  }
}

/** A square table of counts; `confidence` in (0, 1), 0.95 unless said otherwise. */
export interface CohenKappaOptions {
  readonly table: ReadonlyArray<ReadonlyArray<number>>
  readonly confidence?: number
}

/** `observedAgreement` and `chanceAgreement` are shares of the samples, 0 to 1. */
export interface CohenKappa extends Interval {
  readonly kappa: number
  readonly standardError: number
  readonly observedAgreement: number
  readonly chanceAgreement: number
}

const requireTable = (table: CohenKappaOptions["table"]): number => {
  if (table.length === 0) throw new RangeError("The table needs at least one category.")
  if (table.some((row) => row.length !== table.length)) throw new RangeError("The table must be square.")
  const counts = table.flat().map((count) => requireCount("A count of the table", count))
  return requireCount(
    "the sum of the counts",
    counts.reduce((total, count) => total + count, 0)
  )
}

const sum = (cells: ReadonlyArray<{ readonly share: number }>): number =>
  cells.reduce((total, { share }) => total + share, 0)

const at = (shares: ReadonlyArray<number>, category: number): number => shares[category] ?? 0
