import { CodeSandbox } from "@assay/harness"
import { Effect } from "effect"
import { Environment } from "../Environment.ts"
import { Screen } from "../Screen.ts"
import { ok, warning } from "./Check.ts"

/** The Node.js that runs this. The oldest that works is told before anything else is loaded. */
export const checkNode = Effect.map(Environment, ({ runtime }) => ok("node", runtime))

/** What the terminal can show, which decides how a run is drawn. */
export const checkTerminal = Effect.map(Screen, ({ columns, live, stdin, stdout, style }) => {
  if (!stdout.isTTY) return ok("terminal", "output is no terminal: plain lines, no colour, no footer")
  const color = style.paint("passed", "x") === "x" ? "no colour" : "colour"
  const input = stdin.isTTY ? "" : ", input is no terminal"
  const detail = `${columns} columns, ${color}, ${live ? "live footer" : "plain lines"}${input}`
  return columns < 60
    ? warning("terminal", `${detail}: tables drop columns`, "make the window wider")
    : ok("terminal", detail)
})

/** Whether model-written code can be run: a program that adds, in the sandbox that suites with `codeTests` use. */
export const checkSandbox = Effect.gen(function* () {
  const sandbox = yield* CodeSandbox
  const result = yield* sandbox.runFunctionTests({
    language: "javascript",
    source: "export const add = (a, b) => a + b",
    entry: "add",
    cases: [{ arguments: [2, 3], expected: 5 }]
  })
  if (result._tag === "Ran" && result.results.every(({ passed }) => passed)) {
    return ok("sandbox", "starts, and runs JavaScript without disk, network or environment")
  }
  const why = result._tag === "Ran" ? "it computed 2 + 3 wrong" : result.reason
  return warning(
    "sandbox",
    `does not run code: ${why}; suites with code tests cannot be scored`,
    "npm install @assay/sandbox"
  )
})
