import type { BoundBreach, BudgetExceeded, ModelRetired, OutOfCredits, Unauthorized } from "@assay/core"

/** What stops a run before its end. */
export type StopCause =
  | BudgetExceeded
  | OutOfCredits
  | Unauthorized
  | ModelRetired
  | BoundBreach
  | { readonly _tag: "ProviderDown"; readonly message: string }
  | { readonly _tag: "Signal"; readonly message: string }
