import { Context } from "effect"

/** What the process was given: the folder it was started in, its environment, and what runs it. */
export class Environment extends Context.Service<
  Environment,
  {
    /** Absolute. */
    readonly directory: string
    readonly variables: Readonly<Record<string, string | undefined>>
    /** As `Node.js 24.21.0 on linux x64`. */
    readonly runtime: string
  }
>()("assay/Environment") {}
