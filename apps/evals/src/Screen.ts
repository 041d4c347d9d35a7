import type { Style } from "@assay/tui/text"
import { Context, type Effect } from "effect"

/** Where words go, and what the place they go to can show. */
export class Screen extends Context.Service<
  Screen,
  {
    /** One line to standard output; waits while a pipe is full. */
    out(line: string): Effect.Effect<void>
    /** One line to standard error. */
    err(line: string): Effect.Effect<void>
    readonly style: Style
    readonly columns: number
    /** Whether a live footer may be drawn: input and output are terminals, and neither CI nor a screen reader is at work. */
    readonly live: boolean
    readonly stdin: NodeJS.ReadStream
    readonly stdout: NodeJS.WriteStream
  }
>()("assay/Screen") {}
