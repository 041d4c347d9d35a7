import { type ChildProcess, spawn } from "node:child_process"
import { createInterface } from "node:readline"
import { fileURLToPath } from "node:url"
import { Effect, Queue } from "effect"

/** A program of `fixtures` in its own process; killed with the scope, if it still lives. */
export interface Child {
  readonly pid: number
  /** The next line that it prints; dies when it ends without one. */
  readonly nextLine: Effect.Effect<string>
  /** The lines that nobody has taken, of a process that has ended. */
  readonly rest: Effect.Effect<ReadonlyArray<string>>
  readonly say: (line: string) => Effect.Effect<void>
  /** SIGKILL, and waits until the process is gone. */
  readonly kill: Effect.Effect<void>
}

export const startChild = Effect.fnUntraced(function* (fixture: string, ...parameters: ReadonlyArray<string>) {
  const program = fileURLToPath(new URL(`fixtures/${fixture}`, import.meta.url))
  const child = yield* Effect.acquireRelease(
    Effect.sync(() => spawn(process.execPath, [program, ...parameters], { stdio: ["pipe", "pipe", "inherit"] })),
    (running) => killed(running)
  )
  const lines = yield* Queue.unbounded<string>()
  createInterface({ input: child.stdout })
    .on("line", (line) => Queue.offerUnsafe(lines, line))
    .on("close", () => Queue.offerUnsafe(lines, "ended"))
  const result: Child = {
    pid: child.pid ?? 0,
    nextLine: Effect.filterOrElse(
      Queue.take(lines),
      (line) => line !== "ended",
      () => Effect.die(`${fixture} ended`)
    ),
    rest: Effect.gen(function* () {
      const found: Array<string> = []
      for (let line = yield* Queue.take(lines); line !== "ended"; line = yield* Queue.take(lines)) found.push(line)
      return found
    }),
    say: (line) => Effect.sync(() => void child.stdin.write(`${line}\n`)),
    kill: killed(child)
  }
  return result
})

const killed = (child: ChildProcess) =>
  Effect.callback<void>((resume) => {
    if (child.exitCode !== null || child.signalCode !== null) return resume(Effect.void)
    child.once("exit", () => resume(Effect.void))
    child.kill("SIGKILL")
  })
