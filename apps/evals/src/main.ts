import process from "node:process"
import { makeStyle } from "@assay/tui/text"
import { NodeServices } from "@effect/platform-node"
import { Cause, Effect, Exit, Fiber, Layer } from "effect"
import { Command } from "effect/cli"
import packageJson from "../package.json" with { type: "json" }
import { cli } from "./cli.ts"
import { Environment } from "./Environment.ts"
import { ExitCode } from "./ExitCode.ts"
import { failureLines } from "./Failure.ts"
import { layerHelp } from "./presentHelp.ts"
import { Screen } from "./Screen.ts"
import { makeSignalSwitch } from "./Signals.ts"
import { isKnownError, toFailure } from "./toFailure.ts"

// The one place that knows the process: its streams, its environment, its signals and its exit code.
const { env, stderr, stdin, stdout } = process
const isSet = (name: string) =>
  env[name] !== undefined && env[name] !== "" && env[name] !== "0" && env[name] !== "false"
const canColor = stdout.isTTY && !isSet("NO_COLOR") && env["TERM"] !== "dumb"
const canDraw = stdout.isTTY && stdin.isTTY && !isSet("CI") && !isSet("ACCESSIBLE") && env["TERM"] !== "dumb"

/** Resolves when the stream has taken the line, so that a slow reader slows us instead of filling our memory. */
const write = (stream: NodeJS.WriteStream, line: string) =>
  Effect.callback<void>((resume) => {
    if (stream.write(`${line}\n`)) resume(Effect.void)
    else stream.once("drain", () => resume(Effect.void))
  })

const screen = Screen.of({
  out: (line) => write(stdout, line),
  err: (line) => write(stderr, line),
  style: makeStyle({ color: canColor, ascii: isSet("ASSAY_ASCII") }),
  columns: stdout.isTTY ? Math.max(40, stdout.columns) : 100,
  live: canDraw,
  stdin,
  stdout
})
// A reader that went away, as `| head` does, ends the program like any other signal.
stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code === "EPIPE") process.exit(ExitCode.terminated)
})

const signals = makeSignalSwitch()
const program = Command.runWith(cli, { version: packageJson.version })(process.argv.slice(2)).pipe(
  Effect.provide(
    Layer.mergeAll(
      NodeServices.layer,
      layerHelp(screen),
      signals.layer,
      Layer.succeed(Screen, screen),
      Layer.succeed(Environment, { directory: process.cwd(), variables: env })
    )
  )
)

/** The exit code of an end, after its words have gone to standard error. */
const report = async (cause: Cause.Cause<unknown>): Promise<number> => {
  if (Cause.hasInterruptsOnly(cause)) return signals.first() === "SIGTERM" ? ExitCode.terminated : ExitCode.interrupted
  const error = Cause.squash(cause)
  if (isHelpShown(error)) return error.errors.length > 0 ? ExitCode.usage : ExitCode.ok
  if (!isKnownError(error)) {
    await Effect.runPromise(screen.err(`error[E7001]: this is a fault of Assay, not of yours\n${Cause.pretty(cause)}`))
    return ExitCode.bug
  }
  const failed = toFailure(error)
  for (const line of failureLines(failed)) await Effect.runPromise(screen.err(line))
  return failed.exit
}

const isHelpShown = (error: unknown): error is { readonly errors: ReadonlyArray<unknown> } =>
  typeof error === "object" && error !== null && "_tag" in error && error._tag === "ShowHelp"

const fiber = Effect.runFork(program)
for (const name of ["SIGINT", "SIGTERM"] as const) {
  process.on(name, () => {
    if (!signals.signal(name)) Effect.runFork(Fiber.interrupt(fiber))
  })
}
fiber.addObserver(async (exit) => {
  process.exitCode = Exit.isSuccess(exit) ? ExitCode.ok : await report(exit.cause)
  // Idle keep-alive sockets and the sandbox's hosts must not keep a finished program alive.
  stdout.write("", () => process.exit())
})
