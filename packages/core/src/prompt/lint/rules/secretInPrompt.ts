import type { LintRule } from "../LintRule.ts"
import { assay } from "../sources.ts"

/**
 * A prompt goes to a provider and into every database, report and log of its runs. A key in it is given away.
 * Placeholders as `SG_your_key_here` and `sk-…` are no secrets. The finding shows no more than a key's first letters.
 */
export const secretInPrompt: LintRule = {
  id: "secret-in-prompt",
  severity: "error",
  source: assay,
  check: ({ messages }) =>
    messages.flatMap((message) =>
      Array.from(message.content.matchAll(secret))
        .filter(([found]) => isRandom(found))
        .map((match) => ({
          message,
          offset: match.index,
          says: `what looks like a secret stands in the prompt: ${match[0].slice(0, 4)}…`,
          fix: "take it out, and revoke it if this text was ever sent or committed"
        }))
    )
}

const secret =
  /\bSG_[A-Za-z0-9]{12,}\b|\bsk-(?:[A-Za-z]+-)*[A-Za-z0-9_]{16,}|\bAKIA[A-Z0-9]{16}\b|\bgh[pousr]_[A-Za-z0-9]{30,}\b|\bxox[abprs]-[A-Za-z0-9-]{20,}|-----BEGIN [A-Z ]*PRIVATE KEY-----/g

const isRandom = (text: string) => text.startsWith("-----") || (/\d/.test(text) && new Set(text.slice(3)).size >= 8)
