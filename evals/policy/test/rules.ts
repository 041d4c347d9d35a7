import { decideAccess } from "./accessRules.ts"
import { decideExpense } from "./expenseRules.ts"
import { decideRefund } from "./refundRules.ts"

/** The three policies as code, by the tag of their samples. Each throws for a record that is not of its shape. */
export const policies: ReadonlyMap<string, (record: unknown) => Decision> = new Map([
  ["refund", decideRefund],
  ["expense", decideExpense],
  ["access", decideAccess]
])

export interface Decision {
  readonly decision: string
  /** Rule codes in ascending order. */
  readonly reasons: ReadonlyArray<string>
}
