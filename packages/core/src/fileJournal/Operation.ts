import { Schema } from "effect"
import type { ChargeSource } from "../Completion.ts"
import type { AttemptKind } from "../CompletionRequest.ts"

// What is written, and read again, as one line of JSON an operation. Amounts are pico-credits as decimal text.

const Amount = Schema.BigIntFromString

const Charge = Schema.Struct({
  amount: Amount,
  // Only this program writes these files, and older ones know fewer of these words.
  source: Schema.String.pipe(Schema.refine((word): word is ChargeSource => word.length > 0)),
  held: Amount
})

const RawReply = Schema.Struct({
  status: Schema.Finite,
  headers: Schema.Record(Schema.String, Schema.String),
  body: Schema.String
})

const request = {
  attemptId: Schema.String,
  budget: Schema.String,
  key: Schema.String,
  kind: Schema.String.pipe(Schema.refine((word): word is AttemptKind => word.length > 0)),
  provider: Schema.String,
  model: Schema.String,
  bound: Amount,
  at: Schema.Finite
}

/** Why an attempt ended as it did; nothing stands for it where nothing was said. */
const reason = Schema.optional(Schema.String)

const answer = { charge: Charge, reply: RawReply, latencyMillis: Schema.Finite }

/** The first line of a file. */
const Begin = Schema.Struct({ op: Schema.tag("begin"), format: Schema.Finite })

const Open = Schema.Struct({ op: Schema.tag("open"), budget: Schema.String, limit: Amount })
const Reserve = Schema.Struct({ op: Schema.tag("reserve"), ...request })
const Settle = Schema.Struct({ op: Schema.tag("settle"), attemptId: Schema.String, reason, ...answer })
const Release = Schema.Struct({ op: Schema.tag("release"), attemptId: Schema.String, reason })
const Hold = Schema.Struct({ op: Schema.tag("hold"), attemptId: Schema.String, reason })
/** `settled` and `held` are what the attempt costs in all, and binds, from then on. */
const Resolve = Schema.Struct({
  op: Schema.tag("resolve"),
  attemptId: Schema.String,
  settled: Amount,
  held: Amount,
  late: Schema.optionalKey(Schema.Struct(answer))
})

// What a compacted file begins with, instead of all that led there.

const Totals = Schema.Struct({ op: Schema.tag("totals"), budget: Schema.String, limit: Amount, settled: Amount })
const Held = Schema.Struct({
  op: Schema.tag("held"),
  ...request,
  answered: Schema.Boolean,
  settled: Amount,
  held: Amount,
  reason
})
const Reply = Schema.Struct({
  op: Schema.tag("reply"),
  attemptId: Schema.String,
  budget: Schema.String,
  key: Schema.String,
  ...answer
})

/** One thing that happened to the ledger. More may be written with it, for people; reading needs only this. */
export const Operation = Schema.Union([Begin, Open, Reserve, Settle, Release, Hold, Resolve, Totals, Held, Reply])
export type Operation = typeof Operation.Type

const decode = Schema.decodeUnknownSync(Schema.fromJsonString(Operation))

/** Throws when the text is none. */
export const decodeOperation = (text: string): Operation => decode(text)

/** One line of JSON, which ends nowhere inside. What is undefined is left out. */
export const encodeOperation = (operation: Operation): string =>
  JSON.stringify(operation, (_, value: unknown) => (typeof value === "bigint" ? String(value) : value))
