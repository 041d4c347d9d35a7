import { wrapText } from "@assay/tui/text"
import { Option } from "effect"
import type { HelpDoc } from "effect/cli"
import type { Screen } from "./Screen.ts"

type Page = Pick<Screen["Service"], "columns" | "style">

/** The help of a command, for a screen of that width. */
export const helpLines = (help: HelpDoc.HelpDoc, page: Page): ReadonlyArray<string> => {
  const subcommands = (help.subcommands ?? []).flatMap(({ commands }) => commands)
  return [
    ...wrapText(help.description, page.columns),
    ...section("usage", [[help.usage, ""]], page),
    ...section(
      "verbs",
      subcommands.map(({ name, description }) => [name, description]),
      page
    ),
    ...section(
      "arguments",
      (help.args ?? []).map(({ name, description }) => [name, Option.getOrElse(description, () => "")]),
      page
    ),
    ...section("flags", help.flags.map(flagRow), page),
    ...section("everywhere", (help.globalFlags ?? []).filter(({ name }) => everywhere.has(name)).map(flagRow), page),
    ...examples(help.examples ?? [], page)
  ]
}

/** The library has more of them, which are for those who work on it. */
const everywhere: ReadonlySet<string> = new Set(["help", "version", "completions"])

type Row = readonly [term: string, text: string]

const flagRow = ({ name, aliases, type, description }: HelpDoc.FlagDoc): Row => {
  const value = type === "boolean" ? "" : ` ${name === "completions" ? "SHELL" : type}`
  const text = name === "completions" ? "Print a completion script for bash, zsh, fish or powershell" : undefined
  return [`${[...aliases, `--${name}`].join(", ")}${value}`, text ?? Option.getOrElse(description, () => "")]
}

/** Terms to the left, what they mean to the right, in lines that fit. */
const section = (title: string, rows: ReadonlyArray<Row>, { columns, style }: Page): ReadonlyArray<string> => {
  if (rows.length === 0) return []
  const indent = Math.max(...rows.map(([term]) => term.length)) + 4
  return [
    "",
    style.paint("dim", title),
    ...rows.flatMap(([term, text]) =>
      text === ""
        ? [`  ${term}`]
        : wrapText(text, Math.max(20, columns - indent)).map(
            (line, index) => (index === 0 ? `  ${term}` : "").padEnd(indent) + line
          )
    )
  ]
}

const examples = (rows: ReadonlyArray<HelpDoc.ExampleDoc>, { columns, style }: Page): ReadonlyArray<string> => {
  if (rows.length === 0) return []
  return [
    "",
    style.paint("dim", "examples"),
    ...rows.flatMap(({ command, description }) => [
      `  ${command}`,
      ...wrapText(description ?? "", columns - 6).map((line) => style.paint("dim", `      ${line}`))
    ])
  ]
}
