/** Who speaks in a message. OpenAI's `developer` role is sent as `system`, which reasoning models treat alike. */
export type Role = "system" | "user" | "assistant"

/** One turn of a conversation with a model. */
export interface Message {
  readonly role: Role
  readonly content: string
}

/** How long a reasoning model may think. Models without the setting refuse it before anything is sent. */
export type ReasoningEffort = "low" | "medium" | "high"

/** Why a call is made: the spend of answers, judges and probes is told apart. */
export type AttemptKind = "answer" | "judge" | "probe"

/** One structured prompt, rendered, with the settings of the model it is put to. */
export interface CompletionRequest {
  /** Where the call goes, one of the names that the client was given; its first provider by default. */
  readonly provider?: string
  /** The model's slug, as `o3-mini`. */
  readonly model: string
  readonly messages: ReadonlyArray<Message>
  readonly reasoningEffort?: ReasoningEffort
  /** The most tokens the reply may have, reasoning included. With the price it makes the bound that is reserved. */
  readonly maxCompletionTokens: number
  /** Sent only where it is set; o3-mini's `seed` is best effort. */
  readonly seed?: number
  /** Asks for a JSON object; OpenAI wants the word "json" somewhere in the messages then. */
  readonly json?: boolean
  /** Tells repeats of one request apart, so that a repeat never reuses its twin. 0 by default. */
  readonly trialIndex?: number
  /** `answer` by default. */
  readonly kind?: AttemptKind
}
