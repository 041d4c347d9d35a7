import { Duration, Schema } from "effect"
import { Credits, formatCredits } from "./Credits.ts"
import { findModel } from "./ModelCatalogue.ts"

/** No key, or one the provider does not know. Not charged, never retried. */
export class Unauthorized extends Schema.TaggedError<Unauthorized>()("Unauthorized", {
  provider: Schema.String,
  reason: Schema.String
}) {
  override get message() {
    return `${this.provider} refused the API key: ${this.reason}`
  }
}

/** The account cannot pay, or its spend limit is reached. The provider refused, so this call was not charged. */
export class OutOfCredits extends Schema.TaggedError<OutOfCredits>()("OutOfCredits", {
  provider: Schema.String,
  reason: Schema.String
}) {
  override get message() {
    return `${this.provider} says the account cannot pay for the call: ${this.reason}`
  }
}

/** The provider no longer serves the model. Fails fast, is not charged, is never retried. */
export class ModelRetired extends Schema.TaggedError<ModelRetired>()("ModelRetired", {
  provider: Schema.String,
  model: Schema.String,
  siblings: Schema.Array(Schema.String)
}) {
  override get message() {
    const retired = `${this.provider} has retired the model ${this.model}.`
    if (this.siblings.length === 0) return retired
    return (
      `${retired} Living siblings, with the list price of a million output tokens: ` +
      `${this.siblings.map(withPrice).join(", ")}. Put one of these slugs in the request's \`model\`.`
    )
  }
}

const withPrice = (slug: string): string => {
  const price = findModel(slug)?.outputPrice
  return price === undefined ? slug : `${slug} (${formatCredits(price * 1_000_000n)} credits)`
}

/** The provider refused the request as it is; sending it again cannot help. Not charged. */
export class RequestRejected extends Schema.TaggedError<RequestRejected>()("RequestRejected", {
  provider: Schema.String,
  /** The HTTP status, or 0 when the request was refused here, before anything was sent. */
  status: Schema.Int,
  reason: Schema.String
}) {
  override get message() {
    return this.status === 0
      ? `The request was not sent: ${this.reason}`
      : `${this.provider} refused the request with ${this.status}: ${this.reason}`
  }
}

/** The provider kept answering 429. Not charged. */
export class RateLimited extends Schema.TaggedError<RateLimited>()("RateLimited", {
  provider: Schema.String,
  attempts: Schema.Int,
  retryAfter: Schema.UndefinedOr(Schema.Duration)
}) {
  override get message() {
    const wait = this.retryAfter === undefined ? "" : `, and asks to wait ${Duration.format(this.retryAfter)}`
    return `${this.provider} still limits the rate after ${this.attempts} attempts${wait}.`
  }
}

/** The gateway itself reported a server error. It rolls its reservation back, so this is documented as not charged. */
export class ProviderFailed extends Schema.TaggedError<ProviderFailed>()("ProviderFailed", {
  provider: Schema.String,
  status: Schema.Int,
  attempts: Schema.Int,
  reason: Schema.String
}) {
  override get message() {
    return `${this.provider} failed with ${this.status} after ${this.attempts} attempts: ${this.reason}`
  }
}

/** No connection could be made, so nothing was sent and nothing charged. */
export class ProviderUnreachable extends Schema.TaggedError<ProviderUnreachable>()("ProviderUnreachable", {
  provider: Schema.String,
  attempts: Schema.Int,
  reason: Schema.String
}) {
  override get message() {
    return `${this.provider} could not be reached after ${this.attempts} attempts: ${this.reason}`
  }
}

/** A reply was billed but cannot be read: invalid JSON, no choices, or an error inside a 200. Never bought again here. */
export class UnexpectedReply extends Schema.TaggedError<UnexpectedReply>()("UnexpectedReply", {
  provider: Schema.String,
  attemptId: Schema.String,
  charged: Credits,
  reason: Schema.String
}) {
  override toJSON() {
    return plain(this)
  }
  override get message() {
    return `${this.provider} charged ${formatCredits(this.charged)} credits for a reply that cannot be read: ${this.reason}`
  }
}

/**
 * The call was sent and its answer never came, so it may have been charged: its bound is held.
 * It is never sent again by itself; evidence or the user frees the hold.
 */
export class CallInDoubt extends Schema.TaggedError<CallInDoubt>()("CallInDoubt", {
  provider: Schema.String,
  attemptId: Schema.String,
  held: Credits,
  reason: Schema.String
}) {
  override toJSON() {
    return plain(this)
  }
  override get message() {
    return (
      `The fate of a call to ${this.provider} is unknown (${this.reason}); up to ${formatCredits(this.held)} ` +
      "credits are held for it."
    )
  }
}

/** Raised before the call that could pass the limit, so nothing was spent on it. Amounts in pico-credits. */
export class BudgetExceeded extends Schema.TaggedError<BudgetExceeded>()("BudgetExceeded", {
  limit: Credits,
  spent: Credits,
  held: Credits,
  needed: Credits,
  /** The shared budget that is too small, as `day 2026-11-24`; absent when it is the run's own. */
  budget: Schema.optional(Schema.String)
}) {
  override toJSON() {
    return plain(this)
  }
  override get message() {
    const held = this.held === 0n ? "" : ` and ${formatCredits(this.held)} held`
    return (
      `Stopped at the budget${this.budget === undefined ? "" : ` of the ${this.budget}`}: ${formatCredits(this.spent)} of ${formatCredits(this.limit)} credits spent${held}, ` +
      `and the next call may need ${formatCredits(this.needed)}.`
    )
  }
}

/**
 * A charge went over the bound that was reserved for it, so the budget can no longer be promised: nothing more is
 * admitted until a person has looked. Amounts in pico-credits; the charge itself is booked in full.
 */
export class BoundBreach extends Schema.TaggedError<BoundBreach>()("BoundBreach", {
  provider: Schema.String,
  attemptId: Schema.String,
  bound: Credits,
  charged: Credits
}) {
  override toJSON() {
    return plain(this)
  }
  override get message() {
    return (
      `${this.provider} charged ${formatCredits(this.charged)} credits for attempt ${this.attemptId}, over its bound of ` +
      `${formatCredits(this.bound)}; no further call is admitted.`
    )
  }
}

/** The provider failed so often in a row that nothing is sent to it for a while. Not sent, not charged. */
export class CircuitOpen extends Schema.TaggedError<CircuitOpen>()("CircuitOpen", {
  provider: Schema.String,
  failures: Schema.Int,
  retryAfter: Schema.Duration,
  reason: Schema.String
}) {
  override get message() {
    return (
      `${this.provider} failed ${this.failures} times in a row (${this.reason}); the next try is due in ` +
      `${Duration.format(this.retryAfter)}.`
    )
  }
}

/** Another process is buying this very completion. */
export class CallClaimed extends Schema.TaggedError<CallClaimed>()("CallClaimed", {
  owner: Schema.String,
  attemptId: Schema.String
}) {
  override get message() {
    return `Process ${this.owner} is already buying this completion (attempt ${this.attemptId}).`
  }
}

/** The ledger's journal could not be read or written. Without it no call may be made. */
export class JournalFailed extends Schema.TaggedError<JournalFailed>()("JournalFailed", {
  operation: Schema.String,
  cause: Schema.Defect()
}) {
  override get message() {
    return `The credit ledger could not ${this.operation}: ${String(this.cause)}`
  }
}

/** All that `ModelClient.complete` fails with. */
export type ModelError =
  | Unauthorized
  | OutOfCredits
  | ModelRetired
  | RequestRejected
  | RateLimited
  | ProviderFailed
  | ProviderUnreachable
  | UnexpectedReply
  | CallInDoubt
  | CallClaimed
  | BoundBreach
  | CircuitOpen
  | BudgetExceeded
  | JournalFailed

/** An error as plain data, its money as decimal text: JSON has no bigint, and `JSON.stringify` throws on one. */
const plain = (error: ModelError): Record<string, unknown> => {
  const fields = Object.entries(error).map(([name, value]) => [
    name,
    typeof value === "bigint" ? formatCredits(value) : value
  ])
  return { ...Object.fromEntries(fields), message: error.message }
}
