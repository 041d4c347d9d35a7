import { Effect } from "effect"
import { CliOutput } from "effect/cli"
import { ExitCode } from "./ExitCode.ts"
import { failure, failureLines } from "./Failure.ts"
import type { Screen } from "./Screen.ts"

/**
 * Presents what the command-line library has to say: asked-for help on standard output, and a mistyped command as one
 * of our errors on standard error. Output that a program reads is never mixed with help.
 */
export const layerHelp = (screen: Screen["Service"]) => {
  const formatter = CliOutput.defaultFormatter({ colors: false })
  return CliOutput.layerPresenter({
    present: (event) => {
      switch (event._tag) {
        case "Help":
          return screen.out(formatter.formatHelpDoc(event.helpDoc))
        case "Version":
          return screen.out(event.version)
        case "InvalidInvocation": {
          const command = event.commandPath.join(" ")
          const lines = event.errors.flatMap((error) =>
            failureLines(
              failure({
                code: "E0001",
                what: error.message.trim(),
                fix: `see: ${command} --help`,
                exit: ExitCode.usage
              })
            )
          )
          return Effect.forEach(lines, screen.err, { discard: true })
        }
      }
    }
  })
}
