import { Duration } from "effect"
import type { Charge, Completion } from "../Completion.ts"
import { parseCredits } from "../Credits.ts"
import type { RawReply } from "../LedgerJournal.ts"
import type { DecodedReply } from "./decodeReply.ts"
import { readJobId } from "./pollJob.ts"
import { readStatedAmounts } from "./readStatedAmounts.ts"

/** A completion from a decoded reply and what is on record about the attempt that brought it. */
export const completionOf = (
  decoded: Extract<DecodedReply, { readonly _tag: "Answer" }>,
  evidence: {
    readonly attemptId: string
    readonly attempts: number
    readonly charge: Charge
    readonly reply: RawReply
    readonly latencyMillis: number
  }
): Completion => ({
  output: decoded.output,
  finishReason: decoded.finishReason,
  refusal: decoded.refusal,
  model: decoded.model,
  systemFingerprint: decoded.systemFingerprint,
  usage: decoded.usage,
  charge: evidence.charge,
  latency: Duration.millis(evidence.latencyMillis),
  requestId: evidence.reply.headers["x-request-id"] ?? jobIdOf(evidence.reply.body),
  attemptId: evidence.attemptId,
  attempts: evidence.attempts,
  remainingCredits:
    parseCredits(evidence.reply.headers["x-remaining-credits"] ?? "", "down") ??
    readStatedAmounts(evidence.reply.body).remainingCredits
})

/** A v2 job is known by the id in its result; no other reply is parsed for it. */
const jobIdOf = (body: string): string | undefined => (body.includes('"request_id"') ? readJobId(body) : undefined)
