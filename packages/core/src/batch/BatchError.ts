import { Schema } from "effect"

/** The provider or the model has no batches. Nothing was sent. */
export class BatchUnsupported extends Schema.TaggedError<BatchUnsupported>()("BatchUnsupported", {
  provider: Schema.String,
  model: Schema.String,
  reason: Schema.String
}) {
  override get message() {
    return `${this.model} cannot be called in a batch: ${this.reason} Call it one by one instead.`
  }
}

/** The provider refused a file or a batch, so none of its lines ran or was charged; their reservations are free again. */
export class BatchRejected extends Schema.TaggedError<BatchRejected>()("BatchRejected", {
  provider: Schema.String,
  step: Schema.String,
  /** The HTTP status, or 0 when the provider took the file and then found it invalid. */
  status: Schema.Int,
  reason: Schema.String
}) {
  override get message() {
    const status = this.status === 0 ? "" : ` (${this.status})`
    return `${this.provider} refused to ${this.step}${status}: ${this.reason} Nothing of it was run or charged.`
  }
}

/**
 * The provider could not be asked, again and again. What was bought stays bought and held: run the same batch again, and
 * it goes on where this one stopped.
 */
export class BatchUnreachable extends Schema.TaggedError<BatchUnreachable>()("BatchUnreachable", {
  provider: Schema.String,
  step: Schema.String,
  reason: Schema.String
}) {
  override get message() {
    return (
      `${this.provider} could not be asked to ${this.step}: ${this.reason} What is in its hands stays held; ` +
      "run the same batch again to go on."
    )
  }
}

/** A line that its batch never ran, as its window ended or it was cancelled. Not charged; it may be bought again. */
export class LineNotRun extends Schema.TaggedError<LineNotRun>()("LineNotRun", {
  provider: Schema.String,
  reason: Schema.String
}) {
  override get message() {
    return `${this.provider} did not run this call: ${this.reason} It was not charged.`
  }
}
