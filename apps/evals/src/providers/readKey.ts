import { exec } from "node:child_process"
import { Effect, FileSystem, Redacted } from "effect"
import { Environment } from "../Environment.ts"
import { ExitCode } from "../ExitCode.ts"
import { failure } from "../Failure.ts"

/**
 * An API key: from the environment variable itself, from the file that `<VARIABLE>_FILE` names, or from what the command
 * in `<VARIABLE>_COMMAND` prints (as a password manager does; 10 s at most). Undefined when none of the three is set.
 */
export const readKey = Effect.fn("readKey")(function* (variable: string) {
  const { variables } = yield* Environment
  const set = (name: string) => (variables[name] === "" ? undefined : variables[name])
  const direct = set(variable)
  if (direct !== undefined) return Redacted.make(direct)
  const file = set(`${variable}_FILE`)
  if (file !== undefined) return yield* readFile(file, `${variable}_FILE`)
  const command = set(`${variable}_COMMAND`)
  return command === undefined ? undefined : yield* runCommand(command, `${variable}_COMMAND`)
})

const readFile = Effect.fnUntraced(function* (file: string, variable: string) {
  const files = yield* FileSystem.FileSystem
  const text = yield* files.readFileString(file).pipe(Effect.mapError(() => noKey(variable, `${file} cannot be read`)))
  return yield* keyIn(text, variable)
})

const runCommand = (command: string, variable: string) =>
  Effect.callback<string, ReturnType<typeof noKey>>((resume) => {
    const child = exec(command, { timeout: 10_000, maxBuffer: 64 * 1024 }, (error, stdout) => {
      // What the command printed may be a part of a key, so only how it ended is told.
      const reason = `the command ended with ${error?.signal ?? `code ${error?.code}`}`
      resume(error === null ? Effect.succeed(stdout) : Effect.fail(noKey(variable, reason)))
    })
    return Effect.sync(() => {
      child.kill()
    })
  }).pipe(Effect.flatMap((text) => keyIn(text, variable)))

/** The first line, without space around it. */
const keyIn = (text: string, variable: string) => {
  const key = text.trim().split("\n", 1)[0] ?? ""
  return key === "" ? Effect.fail(noKey(variable, "it gives no text")) : Effect.succeed(Redacted.make(key))
}

const noKey = (variable: string, why: string) =>
  failure({
    code: "E1104",
    what: `${variable} gives no API key`,
    why,
    kept: "nothing was sent or charged",
    fix: `correct ${variable}, or set ${variable.replace(/_(FILE|COMMAND)$/, "")} itself`,
    exit: ExitCode.credentials
  })
