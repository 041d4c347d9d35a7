import type { LintRule } from "../LintRule.ts"
import { azureReasoning } from "../sources.ts"

/**
 * Reasoning models treat a system message as a developer message, and one request must not carry both: providers refuse it.
 * Assay knows `system` alone, so a `developer` message cannot be sent, and a template's `## developer` would be words.
 */
export const mixedRoles: LintRule = {
  id: "mixed-roles",
  severity: "error",
  source: azureReasoning,
  check: ({ isTemplate, messages }) => {
    const developer = messages.find(({ role }) => role === "developer")
    if (developer === undefined) return []
    const isMixed = messages.some(({ role }) => role === "system")
    return [
      {
        message: developer,
        offset: 0,
        says: isMixed
          ? "the prompt has both a system and a developer message"
          : `${isTemplate ? '"## developer"' : "the role developer"} is not known here`,
        fix: isMixed ? "merge them into one system message" : "write system: reasoning models treat both alike"
      }
    ]
  }
}
