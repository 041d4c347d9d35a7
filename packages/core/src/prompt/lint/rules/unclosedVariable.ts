import type { LintRule } from "../LintRule.ts"
import { assay } from "../sources.ts"

/**
 * `{{name` without its two closing braces is no variable: the model would read the braces, and the data is missing. Looked for
 * in templates and in messages, outside fences, where braces are code's.
 */
export const unclosedVariable: LintRule = {
  id: "unclosed-variable",
  severity: "error",
  source: assay,
  check: ({ messages }) =>
    messages.flatMap((message) =>
      Array.from(message.content.matchAll(opening))
        .filter(
          ({ index }) =>
            !message.delimited.some(({ kind, start, end }) => kind === "fence" && start <= index && index < end)
        )
        .map((match) => {
          const name = match[1] ?? ""
          return {
            message,
            offset: match.index,
            says: `{{${name} is never closed, so it is sent as it stands`,
            fix: `write {{${name}}}`
          }
        })
    )
}

/** An opening with a name and no `}}` before the next opening or the end of the line; `{{ key:` is code. */
const opening = /\{\{[ \t]*([A-Za-z_]\w*)(?!\w)(?![ \t]*[:(])(?!(?:(?!\{\{)[^\n])*?\}\})/g
