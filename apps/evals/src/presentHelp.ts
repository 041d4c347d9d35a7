import { Effect } from "effect"
import { type CliError, CliOutput } from "effect/cli"
import { ExitCode } from "./ExitCode.ts"
import { type Failure, failure, failureLines } from "./Failure.ts"
import { helpLines } from "./helpLines.ts"
import type { Screen } from "./Screen.ts"

/**
 * Presents what the command-line library has to say: asked-for help on standard output, and a mistyped command as one
 * of our errors on standard error. Output that a program reads is never mixed with help.
 */
export const layerHelp = (screen: Screen["Service"]) =>
  CliOutput.layerPresenter({
    present: (event) => {
      switch (event._tag) {
        case "Help":
          return Effect.forEach(helpLines(event.helpDoc, screen), screen.out, { discard: true })
        case "Version":
          return screen.out(event.version)
        case "InvalidInvocation": {
          const command = event.commandPath.join(" ")
          const lines = event.errors.flatMap((error) => failureLines(mistyped(error, command)))
          return Effect.forEach(lines, screen.err, { discard: true })
        }
      }
    }
  })

/** A mistake on the command line in our words. `command` is what its help is asked of. */
const mistyped = (error: CliError.CliError, command: string): Failure => {
  const said = (what: string, why?: string, meant?: string) =>
    failure({
      code: "E0001",
      what,
      why,
      fix: meant === undefined ? `see: ${command} --help` : `did you mean "${meant}"?`,
      exit: ExitCode.usage
    })
  switch (error._tag) {
    case "UnknownSubcommand":
      return said(`unknown verb "${error.subcommand}"`, undefined, error.suggestions[0])
    case "UnrecognizedOption":
      return said(`unknown flag "${error.option}" of ${command}`, undefined, error.suggestions[0])
    case "InvalidValue": {
      const takes = `it takes ${expectation(error.expected)}`
      if (error.kind === "argument") return said(`unknown ${error.option} "${error.value}"`, takes)
      if (error.value === "") return said(`--${error.option} needs a value`)
      return said(`--${error.option} cannot be "${error.value}"`, takes)
    }
    case "UnexpectedArgument":
      return said(`${command} does not take ${error.arguments.map((text) => `"${text}"`).join(", ")}`)
    default:
      return said(error.message)
  }
}

/** The library's own words say "Expected"; a choice is written as in TypeScript. */
const expectation = (text: string): string =>
  text
    .replace(/^Expected:?\s*/, "")
    .replace("a string representing a finite number", "a whole number")
    .replaceAll(" | ", " or ")
