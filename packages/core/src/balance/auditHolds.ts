import type { Resolution } from "../LedgerJournal.ts"
import type { ModelInfo } from "../ModelCatalogue.ts"

/** What an audit of held calls rests on. Amounts in pico-credits, times in UTC milliseconds. */
export interface AuditEvidence {
  /** `unexplainedSinceBaseline` with nothing in flight; undefined where it could not be told. */
  readonly unexplained: { readonly low: bigint; readonly high: bigint } | undefined
  /** Whether others are known to have spent, or money to have come in, since the baseline. */
  readonly foreignSeen: boolean
  readonly topUpSeen: boolean
  /** Whether this is the only process that spends from the account. */
  readonly soleProcess: boolean
  /** Whether a probe showed that the balance drops by what the calls cost; undefined where none was made. */
  readonly dropIsCost: boolean | undefined
  readonly now: number
  readonly held: ReadonlyArray<AuditedHold>
  /** What the cheapest of the held calls cost at the least, if it was charged; see `leastCharge`. 1e-7 credits by default. */
  readonly least?: bigint
  /** How long the provider may still charge a call that was given up; 10 minutes by default. */
  readonly settleMillis?: number
}

export interface AuditedHold {
  readonly attemptId: string
  readonly bound: bigint
  readonly sentAt: number
  /** Whether it was sent after the baseline: an older one may have been charged before, where the sum cannot see it. */
  readonly sinceBaseline: boolean
}

export type AuditDecision =
  | {
      readonly _tag: "Resolve"
      readonly resolutions: ReadonlyArray<{ readonly attemptId: string; readonly resolution: Resolution }>
    }
  /** `until`: when the same evidence may do; undefined when time alone does not help. */
  | { readonly _tag: "Keep"; readonly why: string; readonly until: number | undefined }

/** The longest that Segmind's own client waits for a job. */
export const defaultSettleMillis = 600_000

/** Less than one token of the cheapest model. */
const leastOfAll = 100_000n

/** No answered call of a model costs less: the frame of a chat alone is 8 prompt tokens, and an answer has one. */
export const leastCharge = ({ cachedInputPrice, outputPrice }: ModelInfo): bigint => 8n * cachedInputPrice + outputPrice

/**
 * What becomes of held calls by the account's sum alone: all are free when nothing is unexplained, and a single one is
 * settled at what is. Everything else keeps its bound, since several calls can share a gap in many ways.
 */
export const auditHolds = (evidence: AuditEvidence): AuditDecision => {
  const { held, unexplained, least = leastOfAll, settleMillis = defaultSettleMillis } = evidence
  const keep = (why: string, until?: number): AuditDecision => ({ _tag: "Keep", why, until })
  if (held.length === 0) return keep("nothing is held")
  if (evidence.dropIsCost === undefined)
    return keep("no probe has shown that the balance drops by the cost of the calls")
  if (!evidence.dropIsCost) return keep("a probe showed that the balance does not drop by the cost of the calls")
  if (!evidence.soleProcess) return keep("another process may spend from the account")
  if (held.some(({ sinceBaseline }) => !sinceBaseline)) return keep("a held call is older than the first known balance")
  const settledAt = Math.max(...held.map(({ sentAt }) => sentAt)) + settleMillis
  if (evidence.now < settledAt) return keep("the provider may still charge a held call", settledAt)
  if (evidence.foreignSeen) return keep("others have spent from the account")
  if (evidence.topUpSeen) return keep("money has come in, which may hide a charge")
  if (unexplained === undefined) return keep("the balance could not be told with nothing in flight")
  const { high, low } = unexplained
  if (high - low >= least) return keep("own charges are not known exactly enough")
  if (low <= 0n && high >= 0n) {
    return { _tag: "Resolve", resolutions: held.map(({ attemptId }) => ({ attemptId, resolution: "not-charged" })) }
  }
  const [only] = held
  if (held.length === 1 && only !== undefined && low > 0n && high <= only.bound) {
    return { _tag: "Resolve", resolutions: [{ attemptId: only.attemptId, resolution: { charged: high } }] }
  }
  return keep(
    low < 0n ? "the balance is higher than own charges explain" : "the sum does not tell which call was charged"
  )
}
