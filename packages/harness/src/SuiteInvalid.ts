import { Schema } from "effect"

/** A suite, a sample or a prompt that cannot be used as it is written. Nothing was sent or charged. */
export class SuiteInvalid extends Schema.TaggedError<SuiteInvalid>()("SuiteInvalid", {
  suite: Schema.String,
  /** The file at fault, with its line where one line is at fault: `samples.jsonl:12`. */
  where: Schema.String,
  reason: Schema.String,
  /** What to do, where that can be said. */
  fix: Schema.UndefinedOr(Schema.String)
}) {
  override get message() {
    return `${this.where}: ${this.reason}`
  }
}
