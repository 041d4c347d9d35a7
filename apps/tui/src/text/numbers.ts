import { formatCredits, picoCreditsPerCredit } from "@assay/core"
import { wilsonInterval } from "@assay/statistics"
import type { Glyphs } from "./glyphs.ts"

/** Trials with a score; unscored ones are outside n. */
export interface PassCounts {
  readonly passed: number
  readonly failed: number
}

/** `88.5% [86.6–90.2] n 1262`: the pass rate with its 95 % Wilson interval and n, or a dash when nothing is scored yet. */
export const formatRate = (counts: PassCounts, glyphs: Glyphs): string => {
  const n = counts.passed + counts.failed
  return n === 0 ? `${glyphs.absent} n 0` : `${formatPassRate(counts, glyphs)} ${formatInterval(counts, glyphs)} n ${n}`
}

/** `88.5%`. Only all is 100.0% and only none is 0.0%: one failure in ten thousand still shows. */
export const formatPassRate = ({ passed, failed }: PassCounts, glyphs: Glyphs): string => {
  const n = passed + failed
  if (n === 0) return glyphs.absent
  const percent = (100 * passed) / n
  const shown = passed === 0 || failed === 0 ? percent : Math.min(99.9, Math.max(0.1, percent))
  return `${shown.toFixed(1)}%`
}

/** `[86.6–90.2]`, in per cent; empty when n is 0. */
export const formatInterval = ({ passed, failed }: PassCounts, glyphs: Glyphs): string => {
  const n = passed + failed
  if (n === 0) return ""
  const { lower, upper } = wilsonInterval({ successes: passed, n, confidence: 0.95 })
  return `[${(100 * lower).toFixed(1)}${glyphs.to}${(100 * upper).toFixed(1)}]`
}

/** Three decimals of credits; below a hundredth of a credit two significant digits, so that a small charge never reads as none. */
export const creditsText = (amount: bigint): string => {
  if (amount < 0n) return `-${creditsText(-amount)}`
  if (amount === 0n || amount >= picoCreditsPerCredit / 100n) return formatCredits(amount, 3)
  const leadingZeros = 12 - String(amount).length
  return formatCredits(amount, Math.min(12, leadingZeros + 2))
}

/** Two decimals, for amounts that are guessed: a third would flicker and claim what nobody knows. */
export const roughCreditsText = (amount: bigint): string =>
  amount >= picoCreditsPerCredit / 10n ? formatCredits(amount, 2) : creditsText(amount)

/** `350ms`, `1.9s`, `38s`, `1m28s`, `2h05m`. */
export const durationText = (millis: number): string => {
  if (millis < 999.5) return `${Math.round(millis)}ms`
  if (millis < 9_950) return `${(millis / 1000).toFixed(1)}s`
  return wholeSecondsText(millis)
}

/** The same without fractions, for clocks that tick: `0s`, `2s`, `1m28s`. */
export const wholeSecondsText = (millis: number): string => {
  const seconds = Math.round(millis / 1000)
  if (seconds < 60) return `${seconds}s`
  if (seconds < 3600) return `${Math.floor(seconds / 60)}m${twoDigits(seconds % 60)}s`
  const minutes = Math.round(seconds / 60)
  return `${Math.floor(minutes / 60)}h${twoDigits(minutes % 60)}m`
}

/** Whole per cent, rounded down: 100% means all. */
export const shareText = (part: number, whole: number): string =>
  `${whole === 0 ? 100 : Math.floor((100 * part) / whole)}%`

const twoDigits = (value: number): string => String(value).padStart(2, "0")
