import process from "node:process"
import { makeStyle, sanitizeLine } from "@assay/tui/text"
import { NodeServices } from "@effect/platform-node"
import { Cause, Effect, Exit, Fiber, Layer, Logger } from "effect"
import { Command } from "effect/cli"
import packageJson from "../package.json" with { type: "json" }
import { cli } from "./cli.ts"
import { Environment } from "./Environment.ts"
import { ExitCode } from "./ExitCode.ts"
import { failure, failureLines } from "./Failure.ts"
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

/** Resolves when the stream has taken the line, so that a slow reader slows us, or when its reader is gone. */
const write = (stream: NodeJS.WriteStream, line: string) =>
  Effect.callback<void>((resume) => {
    stream.write(`${line}\n`, () => resume(Effect.void))
  })

const screen = Screen.of({
  out: (line) => write(stdout, line),
  err: (line) => write(stderr, line),
  style: makeStyle({ color: canColor, ascii: isSet("ASSAY_ASCII") }),
  // A terminal that does not know its width says 0.
  columns: stdout.isTTY ? Math.max(40, stdout.columns || 80) : 100,
  live: canDraw,
  stdin,
  stdout
})
/** The folder that the process was started in, or none when it was removed since. */
const startedIn = (): string | undefined => {
  try {
    return process.cwd()
  } catch {
    return undefined
  }
}
const directory = startedIn()
if (directory === undefined) {
  const gone = failure({ code: "E0108", what: "this folder does not exist any more", fix: "cd", exit: ExitCode.usage })
  stderr.write(`${failureLines(gone).join("\n")}\n`)
  process.exit(gone.exit)
}

const runtime = `Node.js ${process.versions.node} on ${process.platform} ${process.arch}`
const signals = makeSignalSwitch()
// Standard output belongs to results, and a live footer to itself: what is logged waits for the end there.
const warnings: Array<string> = []
const warn = (text: string) => {
  if (canDraw) warnings.push(text)
  else stderr.write(text)
}
const layerLog = Logger.layer([
  Logger.make(({ logLevel, message }) => {
    const words = Array.isArray(message) ? message : [message]
    warn(`${logLevel === "Warn" ? "warning" : logLevel.toLowerCase()}: ${sanitizeLine(words.join(" "))}\n`)
  })
])

const program = Command.runWith(cli, { version: packageJson.version })(process.argv.slice(2)).pipe(
  Effect.provide(
    Layer.mergeAll(
      NodeServices.layer,
      layerHelp(screen),
      layerLog,
      signals.layer,
      Layer.succeed(Screen, screen),
      Layer.succeed(Environment, { directory, variables: env, runtime })
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
const onSignal = (name: "SIGINT" | "SIGTERM") => {
  if (!signals.signal(name)) Effect.runFork(Fiber.interrupt(fiber))
}
for (const name of ["SIGINT", "SIGTERM"] as const) process.on(name, onSignal)
// A reader that went away, as `| head` does, asks a run to stop in order: what was paid for is still written.
let readerIsGone = false
stdout.on("error", () => {
  // Each further line fails too, and a second signal would abandon the calls in flight.
  if (!readerIsGone) onSignal("SIGTERM")
  readerIsGone = true
})
// Nobody is left to be told.
stderr.on("error", () => {})
fiber.addObserver(async (exit) => {
  for (const text of warnings) stderr.write(text)
  process.exitCode = Exit.isSuccess(exit) ? ExitCode.ok : await report(exit.cause)
  // Idle keep-alive sockets and the sandbox's hosts must not keep a finished program alive.
  stdout.write("", () => process.exit())
})
