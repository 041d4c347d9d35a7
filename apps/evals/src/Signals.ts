import { Context, Deferred, Effect, Layer } from "effect"

/** What the person or the system asked of the process: first to stop in order, then to stop at once. */
export class Signals extends Context.Service<
  Signals,
  {
    /** Completes with the first SIGINT or SIGTERM. */
    readonly stop: Effect.Effect<"SIGINT" | "SIGTERM">
    /** Completes with the second. */
    readonly abort: Effect.Effect<void>
    /** Says that this verb saves its work when it is asked to stop, so the first signal must not just interrupt it. */
    readonly willDrain: Effect.Effect<void>
    /** For a screen that holds the terminal raw: takes Ctrl-C as the signal that it would have been. */
    readonly interrupt: () => void
  }
>()("assay/Signals") {}

export interface SignalSwitch {
  readonly layer: Layer.Layer<Signals>
  /** Takes a signal of the process; true when the verb stops by itself now, false when it has to be interrupted. */
  readonly signal: (name: "SIGINT" | "SIGTERM") => boolean
  readonly first: () => "SIGINT" | "SIGTERM" | undefined
}

/** The bridge from the process's signals to effects. */
export const makeSignalSwitch = (): SignalSwitch => {
  const stop = Deferred.makeUnsafe<"SIGINT" | "SIGTERM">()
  const abort = Deferred.makeUnsafe<void>()
  let drains = false
  let first: "SIGINT" | "SIGTERM" | undefined
  const signal = (name: "SIGINT" | "SIGTERM") => {
    if (!drains) {
      first ??= name
      return false
    }
    if (first === undefined) Deferred.doneUnsafe(stop, Effect.succeed(name))
    else Deferred.doneUnsafe(abort, Effect.void)
    first ??= name
    return true
  }
  return {
    layer: Layer.succeed(Signals, {
      interrupt: () => signal("SIGINT"),
      stop: Deferred.await(stop),
      abort: Deferred.await(abort),
      willDrain: Effect.sync(() => {
        drains = true
      })
    }),
    first: () => first,
    signal
  }
}
