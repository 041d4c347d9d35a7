/** The two ends of a confidence interval, both included, in the unit of the estimate. */
export interface Interval {
  readonly lower: number
  readonly upper: number
}
