import { type Style, sanitizeLine } from "@assay/tui/text"
import type { FileFinding } from "./lintSuite.ts"

/** One line a finding, as editors and `grep` read it, and a last line that counts. Names of files are shown as given. */
export const findingLines = (
  findings: ReadonlyArray<FileFinding>,
  counts: { readonly suites: number; readonly prompts: number },
  style: Style
): ReadonlyArray<string> => {
  const places = findings.map(({ file, line }) => `${file}:${line}`)
  const placeWidth = Math.max(0, ...places.map(({ length }) => length))
  const ruleWidth = Math.max(0, ...findings.map(({ rule }) => rule.length))
  const lines = findings.map(({ fix, message, rule, severity }, index) => {
    const place = style.paint("strong", (places[index] ?? "").padEnd(placeWidth))
    const name = style.paint(severity === "error" ? "failed" : "unscored", rule.padEnd(ruleWidth))
    const said = severity === "error" ? `error: ${sanitizeLine(message)}` : sanitizeLine(message)
    return `${place}  ${name}  ${said}  ${style.paint("dim", `fix: ${sanitizeLine(fix)}`)}`
  })
  const looked = `${count(counts.prompts, "prompt")} of ${count(counts.suites, "suite")}`
  if (findings.length === 0) return [`${looked}: nothing to say against them.`]
  const errors = findings.filter(({ severity }) => severity === "error").length
  return [...lines, "", `${looked}: ${count(errors, "error")}, ${count(findings.length - errors, "warning")}.`]
}

const count = (number: number, word: string) => `${number} ${word}${number === 1 ? "" : "s"}`
