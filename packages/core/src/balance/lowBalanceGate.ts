/** Whether the account can pay for one more call, as far as its balance is known. Amounts in pico-credits. */
export type GateDecision =
  | { readonly _tag: "Open" }
  /** Calls in flight may leave enough. */
  | { readonly _tag: "Wait" }
  /** The balance is known only from before: reading it, at no cost, may show more. */
  | { readonly _tag: "Read" }
  | { readonly _tag: "Insufficient"; readonly balance: bigint; readonly needed: bigint }

/**
 * Spares a call that the provider would refuse for lack of credits. It is no safety: that refusal is free. All that is
 * reserved and held is taken off, though some of it may be charged already, so the gate errs by closing early.
 *
 * `balance` is the lowest that is known, undefined where none is: then the gate is open. `fresh` says that it was read
 * while nothing was in flight and no call was made since.
 */
export const lowBalanceGate = (account: {
  readonly balance: bigint | undefined
  readonly fresh: boolean
  readonly reserved: bigint
  readonly held: bigint
  readonly bound: bigint
  /** What must stay on the account; 0 by default. */
  readonly floor?: bigint
}): GateDecision => {
  const { balance, bound, fresh, held, reserved, floor = 0n } = account
  if (balance === undefined) return { _tag: "Open" }
  if (balance - reserved - held - bound >= floor) return { _tag: "Open" }
  if (reserved > 0n) return { _tag: "Wait" }
  if (!fresh) return { _tag: "Read" }
  return { _tag: "Insufficient", balance, needed: held + bound + floor }
}
