/** What the simulated model knows about one prompt. */
export interface SimulatedAnswer {
  /** The answer it gives when it is right. For `json` and `code` this is the whole document. */
  readonly right: string
  /** Plausible mistakes; one is drawn when it is wrong. When empty it says that it is not sure. */
  readonly wrong: ReadonlyArray<string>
  /** 0 (easy) to 1 (hard). */
  readonly difficulty: number
  /** How real models would dress such an answer: `number` in prose or a box, `json` and `code` in fences. */
  readonly format: "number" | "text" | "json" | "code"
  /** The language named on a code fence. */
  readonly language?: string
  /** A way to the right answer, said aloud before it where the prompt leaves room for prose. */
  readonly reasoning?: string
}

/** Answers by `hashMessages`. A `Map` will do; a look-up that computes its answers will do as well. */
export interface AnswerBook {
  get(hash: string): SimulatedAnswer | undefined
  set(hash: string, answer: SimulatedAnswer): unknown
}
