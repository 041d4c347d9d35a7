import type { LintOptions, LintRule, Severity } from "./LintRule.ts"
import { lintRules } from "./lintRules.ts"
import { lineAt, type PromptMessage, readPrompt } from "./readPrompt.ts"

/** What a rule says about a prompt. */
export interface Finding {
  /** The rule's id. */
  readonly rule: string
  readonly severity: Severity
  /** A sentence without its full stop. */
  readonly message: string
  /** The line of the template; for messages, the line of the one at `messageIndex`. From 1. */
  readonly line: number
  /** From 0. */
  readonly messageIndex: number
  /** One thing to do. */
  readonly fix: string
}

/**
 * Names what the guide of reasoning models advises against, in a template's text or in messages, in the order of the text.
 *
 * Rules are patterns of English text and can be wrong in both ways; `lintRules` has them with their sources. Pure: nothing
 * is sent, and what a finding says of a secret does not give it away.
 */
export const lintPrompt = (
  prompt: string | ReadonlyArray<PromptMessage>,
  options: LintOptions = {},
  rules: ReadonlyArray<LintRule> = lintRules
): ReadonlyArray<Finding> => {
  const read = readPrompt(prompt, options.data ?? [])
  return rules
    .flatMap(({ id, severity, check }) => check(read, options).map((sighting) => ({ id, severity, ...sighting })))
    .toSorted((a, b) => a.message.index - b.message.index || a.offset - b.offset)
    .map(({ id, severity, message, offset, says, fix }) => ({
      rule: id,
      severity,
      message: says,
      line: lineAt(message, offset),
      messageIndex: message.index,
      fix
    }))
}
