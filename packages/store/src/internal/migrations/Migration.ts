/** One numbered step of the schema; `version` is what `user_version` says after it. */
export interface Migration {
  readonly version: number
  readonly sql: string
}
