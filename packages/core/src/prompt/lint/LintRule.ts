import type { ReasoningEffort } from "../../CompletionRequest.ts"
import type { LintedMessage, LintedPrompt } from "./readPrompt.ts"

/** An `error` is a prompt that cannot work or must not be sent; a `warning` is a prompt that could be better. */
export type Severity = "error" | "warning"

/** How often a prompt passed with one model and effort, in the user's own runs. */
export interface PassResult {
  readonly model: string
  readonly reasoningEffort?: ReasoningEffort
  readonly passes: number
  /** Scored trials. */
  readonly n: number
}

export interface LintOptions {
  /** The models that the prompt is meant for. Advice for reasoning models is left out when none of them is one. */
  readonly models?: ReadonlyArray<string>
  /** The values that were put into messages, so that each can be looked for. A template shows them as variables. */
  readonly data?: ReadonlyArray<string>
  /** Longer prompts get a warning; 24,000 characters (about 6,000 tokens) by default. */
  readonly longestCharacters?: number
  /** The settings that are asked about, and results of the same prompt on the same samples, theirs among them. */
  readonly settings?: { readonly model: string; readonly reasoningEffort?: ReasoningEffort }
  readonly results?: ReadonlyArray<PassResult>
}

/** A place where a rule has something to say. */
export interface Sighting {
  readonly message: LintedMessage
  /** In characters, in the message's content. */
  readonly offset: number
  /** What is there, in a sentence without its full stop. */
  readonly says: string
  /** One thing to do. */
  readonly fix: string
  /** The rule's own when left out. */
  readonly severity?: Severity
}

/** A thing that prompts should not do. `source` says who advises against it. Pure. */
export interface LintRule {
  readonly id: string
  readonly severity: Severity
  readonly source: string
  readonly check: (prompt: LintedPrompt, options: LintOptions) => ReadonlyArray<Sighting>
}
