import type { HttpClientError } from "effect/http"

/**
 * Whether bytes of a failed request may have reached the server. `"no"` is certain: the request was never given to a
 * connected socket, so it cannot be charged and may be sent again. `"maybe"` is everything else.
 */
export type Sent = "no" | "maybe"

/**
 * The `cause` of every failed request of `@assay/core/node`: the mark that tells a request that never left from one
 * whose fate is unknown. `code` is the system's or undici's name of the failure (`ECONNREFUSED`, `UND_ERR_SOCKET`).
 */
export class TransportFailure extends Error {
  readonly _tag = "TransportFailure"
  readonly sent: Sent
  readonly code: string | undefined

  constructor(options: { readonly sent: Sent; readonly cause: unknown }) {
    const code = codeOf(options.cause)
    super(options.sent === "no" ? `not sent (${code ?? "no code"})` : `maybe sent (${code ?? "no code"})`, {
      cause: options.cause
    })
    this.sent = options.sent
    this.code = code
  }
}

/**
 * Reads the mark. An error without one, such as that of another `HttpClient`, counts as `"maybe"`: codes alone prove
 * nothing, since a client that follows redirects can be refused by the second host after the first was paid.
 */
export const sentOf = (error: HttpClientError.HttpClientError): Sent => {
  const { reason } = error
  return "cause" in reason && isTransportFailure(reason.cause) ? reason.cause.sent : "maybe"
}

// Looks at the tag, not at the class: two copies of this package may live in one process.
const isTransportFailure = (cause: unknown): cause is TransportFailure =>
  typeof cause === "object" &&
  cause !== null &&
  "_tag" in cause &&
  cause._tag === "TransportFailure" &&
  "sent" in cause &&
  (cause.sent === "no" || cause.sent === "maybe")

const codeOf = (cause: unknown): string | undefined =>
  typeof cause === "object" && cause !== null && "code" in cause && typeof cause.code === "string"
    ? cause.code
    : undefined
