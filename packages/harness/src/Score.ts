/** A judged output: 0…1 and, in one sentence a person understands, why. */
export interface Scored {
  readonly _tag: "Scored"
  readonly value: number
  readonly explanation: string
  /** What the scorer saw, as JSON: the answer it read, the failing test, the reasons. */
  readonly details?: unknown
}

/** No judgement, through a fault of the provider or a judge. Outside n, always shown, limited by `maxErrors`. */
export interface Unscored {
  readonly _tag: "Unscored"
  readonly reason: string
}

export type Score = Scored | Unscored

/** A score of `value` (0…1). */
export const scored = (fields: Omit<Scored, "_tag">): Scored => ({ _tag: "Scored", ...fields })

/** A score of 0: what the model gave was billed but is wrong or unusable. */
export const zero = (explanation: string, details?: unknown): Scored =>
  details === undefined ? scored({ value: 0, explanation }) : scored({ value: 0, explanation, details })

/** For faults that are not the output's. */
export const unscored = (reason: string): Unscored => ({ _tag: "Unscored", reason })
