import type { BudgetExceeded, ModelRetired, OutOfCredits, Unauthorized } from "@assay/core"

/** What stops a run before its end. */
export type StopCause =
  | BudgetExceeded
  | OutOfCredits
  | Unauthorized
  | ModelRetired
  | { readonly _tag: "ProviderDown"; readonly message: string }
  | { readonly _tag: "Signal"; readonly message: string }
