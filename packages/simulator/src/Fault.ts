import type { SimulatedMessage } from "./hashMessages.ts"

/**
 * One thing that goes wrong with one call. Amounts are pico-credits, times are milliseconds.
 *
 * The first group answers instead of the checks and never charges. The second changes the account just before an
 * otherwise ordinary call. The third lets the call pass its checks and run, and then spoils charge, reply or delivery.
 */
export type Fault =
  | { readonly _tag: "RateLimited"; readonly reset: ResetFormat; readonly seconds?: number }
  | {
      readonly _tag: "ServerError"
      readonly format: "json" | "text"
      readonly message?: string
      readonly afterMs?: number
    }
  | { readonly _tag: "NotAcceptable"; readonly reason: NotAcceptableReason; readonly format: "json" | "text" }
  | { readonly _tag: "Unauthorized" }
  | { readonly _tag: "Retired" }
  | { readonly _tag: "MethodNotAllowed" }
  | { readonly _tag: "TopUp"; readonly amount: bigint }
  | { readonly _tag: "SpendElsewhere"; readonly amount: bigint }
  /** The job itself takes so much longer: charged at its end, whether or not the client still waits. */
  | { readonly _tag: "Delay"; readonly ms: number }
  /** Charged and stamped at once, sent later: balances arrive out of order. */
  | { readonly _tag: "HeldReply"; readonly ms: number }
  /** The connection breaks at once and the charge follows, after the client has given up. */
  | { readonly _tag: "LateCharge"; readonly ms: number }
  | { readonly _tag: "BadGateway"; readonly status: 502 | 503 | 504 | 524; readonly charged: boolean }
  | { readonly _tag: "Reset"; readonly charged: boolean }
  /** Charged; the head promises the whole body and the connection breaks after half of it. */
  | { readonly _tag: "TruncatedBody" }
  | { readonly _tag: "SlowDrip"; readonly chunkBytes: number; readonly everyMs: number }
  | { readonly _tag: "InvalidJson" }
  | { readonly _tag: "ErrorInside" }
  | { readonly _tag: "NoChoices" }
  | { readonly _tag: "EmptyLength" }
  | { readonly _tag: "Refusal" }
  | { readonly _tag: "NullContent" }
  | { readonly _tag: "MissingUsage" }
  | { readonly _tag: "Encoding"; readonly encoding: "gzip" | "byteOrderMark" | "trailingWhitespace" }
  /** Replaces one header: `null` leaves it out, a list sends it several times. The charge itself stays right. */
  | { readonly _tag: "Header"; readonly name: string; readonly value: string | ReadonlyArray<string> | null }
  /** Charges this amount instead of tokens × price, and says so in `x-cost`. */
  | { readonly _tag: "Charge"; readonly amount: bigint }
  /** On `/v2` only: the job is accepted and runs, and the answer to its submit is lost. */
  | { readonly _tag: "SubmitLost" }
  /** On `/v2` only: the job ends as FAILED, which is served under 422 and never charged. */
  | { readonly _tag: "JobFailed"; readonly message?: string }

/** How a 429 says when to come back; the real format is unknown. `past` and `absurd` are dates nobody should obey. */
export type ResetFormat =
  | "iso"
  | "space"
  | "epochSeconds"
  | "epochMilliseconds"
  | "httpDate"
  | "absent"
  | "past"
  | "absurd"

export type NotAcceptableReason = "contentType" | "credits" | "parameter" | "spendLimit"

/** One POST for a completion, as a scripting function sees it. `index` counts them from 0, refused ones included. */
export interface Call {
  readonly index: number
  readonly slug: string
  /** Empty when the body could not be read. */
  readonly messages: ReadonlyArray<SimulatedMessage>
}
