/** One request that the contract forbids a client to send, as strict mode recorded it. */
export interface Violation {
  readonly method: string
  /** Without the query. */
  readonly path: string
  readonly rule: "route" | "header" | "contentType" | "parameter" | "message"
  /** What was found, as a sentence. Values of headers are never in it. */
  readonly detail: string
}
