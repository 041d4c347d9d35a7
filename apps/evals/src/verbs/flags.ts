import { Option } from "effect"
import { Flag } from "effect/cli"

/** Flags that several verbs share. */
export const databaseFlag = Flag.String("db").pipe(
  Flag.withDescription("The SQLite file with all runs (default: .assay/results.db in the project)"),
  Flag.withMetavar("FILE"),
  Flag.optional
)

export const jsonFlag = Flag.Boolean("json").pipe(
  Flag.withDescription("JSON on standard output; words for people go to standard error"),
  Flag.withDefault(false)
)

export const baseUrlFlag = Flag.String("base-url").pipe(
  Flag.withDescription("The provider's address, without a path (default: the provider's own)"),
  Flag.withMetavar("URL"),
  Flag.optional
)

const concurrencyFlag = Flag.Int("concurrency").pipe(
  Flag.withAlias("j"),
  Flag.withDescription("Calls in flight at most (default: 4, simulator 16)"),
  Flag.withMetavar("N"),
  Flag.filter(
    (calls) => calls >= 1 && calls <= 1024,
    () => "a number from 1 to 1024"
  ),
  Flag.optional
)

const softBudgetFlag = Flag.Boolean("soft-budget").pipe(
  Flag.withDescription(
    "Trust that the provider honours max_completion_tokens; if it does not, the budget may be passed"
  ),
  Flag.withDefault(false)
)

const dayBudgetFlag = Flag.String("day-budget").pipe(
  Flag.withDescription("The most that all runs of this user may spend in a UTC day, in credits (default: no limit)"),
  Flag.withMetavar("CREDITS"),
  Flag.optional
)

/** What every verb that calls a provider takes, in the order of its help. */
export const callFlags = {
  dayBudget: dayBudgetFlag,
  baseUrl: baseUrlFlag,
  softBudget: softBudgetFlag,
  concurrency: concurrencyFlag,
  database: databaseFlag,
  json: jsonFlag
}

/** The values of `callFlags`, as the verbs' work takes them. */
export const readCallFlags = (flags: {
  readonly dayBudget: Option.Option<string>
  readonly baseUrl: Option.Option<string>
  readonly softBudget: boolean
  readonly concurrency: Option.Option<number>
  readonly database: Option.Option<string>
  readonly json: boolean
}) => ({
  dayBudget: Option.getOrUndefined(flags.dayBudget),
  baseUrl: Option.getOrUndefined(flags.baseUrl),
  softBudget: flags.softBudget,
  concurrency: Option.getOrUndefined(flags.concurrency),
  database: Option.getOrUndefined(flags.database),
  json: flags.json
})
