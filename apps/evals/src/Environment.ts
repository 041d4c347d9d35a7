import { Context } from "effect"

/** What the process was given: the folder it was started in and its environment. */
export class Environment extends Context.Service<
  Environment,
  {
    /** Absolute. */
    readonly directory: string
    readonly variables: Readonly<Record<string, string | undefined>>
  }
>()("assay/Environment") {}
