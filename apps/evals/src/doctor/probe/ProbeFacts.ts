import type { Completion, ModelError } from "@assay/core"
import type { Result } from "effect"
import type { Exchange } from "./ProbeWire.ts"

/** Both amounts of an account, in pico-credits. */
export interface Balances {
  readonly credits: bigint
  readonly free: bigint
}

export type Asked = Result.Result<Completion, ModelError>

/** What the six calls of a probe brought, and the balances between them; undefined where they are not told. */
export interface ProbeFacts {
  readonly before: Balances | undefined
  /** A call whose reply is longer than its cap. */
  readonly capped: { readonly asked: Asked; readonly exchange: Exchange | undefined }
  readonly afterCapped: Balances | undefined
  /** One prompt at low and at high effort, in flight together. */
  readonly low: Asked
  readonly high: Asked
  readonly afterPair: Balances | undefined
  readonly temperature: Exchange | undefined
  readonly refusedKey: Exchange | undefined
  readonly beforeAbort: Balances | undefined
  /** A call that was given up in flight; a success came too early to be. */
  readonly aborted: Asked
  readonly afterAbort: Balances | undefined
}

export const totalOf = ({ credits, free }: Balances): bigint => credits + free
