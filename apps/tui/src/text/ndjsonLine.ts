import { formatCredits, type LedgerTotals } from "@assay/core"
import type { RunEvent, RunRecord, RunStarted, TrialEnded, VariantTotals } from "@assay/harness"
import { wilsonInterval } from "@assay/statistics"
import { DateTime } from "effect"
import { publicUrl } from "./publicUrl.ts"

/**
 * One event as one line of JSON, without the line end. Names and meanings hold within `v`; new fields may come.
 *
 * Credits are decimal strings with every digit, times ISO 8601 in UTC, what is unknown is null. Text is what it was, but
 * every control and bidirectional character is written as `\uXXXX`, so that the line is safe on a terminal too.
 */
export const ndjsonLine = (event: RunEvent): string =>
  JSON.stringify({ v: 1, t: typeOf[event._tag], seq: event.seq, at: isoTime(event.at), ...fieldsOf(event) }).replace(
    unsafe,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`
  )

const typeOf = {
  RunStarted: "run.start",
  TrialEnded: "trial.end",
  RunNoticed: "run.notice",
  RunStopping: "run.stopping",
  RunEnded: "run.end"
} as const

/** JSON itself escapes the controls below 0x20 only. */
const unsafe = /[\u007f-\u009f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]/g

const fieldsOf = (event: RunEvent): object => {
  switch (event._tag) {
    case "RunStarted":
      return { ...runFields(event.run), ...planFields(event) }
    case "TrialEnded":
      return trialFields(event)
    case "RunNoticed":
      return { notice: event.notice }
    case "RunStopping":
      return { reason: event.reason, in_flight: event.inFlight }
    case "RunEnded":
      return {
        status: event.status,
        reason: event.reason ?? null,
        totals: event.totals.map(totalsFields),
        ledger: ledgerFields(event.ledger),
        elapsed_ms: event.elapsedMillis
      }
  }
}

const runFields = (run: RunRecord) => ({
  run: run.id,
  created_at: isoTime(run.createdAt),
  provider: run.provider,
  base_url: publicUrl(run.baseUrl) ?? null,
  simulated: run.simulated,
  seed: run.seed,
  budget: formatCredits(run.budget),
  limit: run.limit ?? null,
  git_commit: run.gitCommit ?? null,
  trials: run.trials
})

const planFields = ({ concurrency, done, run }: RunStarted) => ({
  concurrency,
  suites: run.suites.map((suite) => ({
    suite: suite.name,
    samples: suite.samples,
    trials_per_sample: suite.trialsPerSample,
    samples_hash: suite.samplesHash,
    scorers_hash: suite.scorersHash
  })),
  variants: run.variants.map((variant) => ({
    suite: variant.suite,
    variant: variant.name,
    prompt: variant.prompt,
    prompt_hash: variant.promptHash,
    model: variant.model,
    reasoning_effort: variant.reasoningEffort ?? null,
    max_completion_tokens: variant.maxCompletionTokens
  })),
  done: done.map(totalsFields)
})

const trialFields = (trial: TrialEnded) => ({
  suite: trial.suite,
  variant: trial.variant,
  sample: trial.sampleId,
  trial_index: trial.trialIndex,
  outcome: trial.outcome,
  reason: trial.reason ?? null,
  attempts: trial.attempts,
  credits: formatCredits(trial.cost),
  latency_ms: trial.latencyMillis ?? null,
  ledger: ledgerFields(trial.ledger)
})

const totalsFields = (row: VariantTotals) => {
  const n = row.passed + row.failed
  const interval = n === 0 ? undefined : wilsonInterval({ successes: row.passed, n, confidence: 0.95 })
  return {
    suite: row.suite,
    variant: row.variant,
    planned: row.planned,
    passed: row.passed,
    failed: row.failed,
    unscored: row.unscored,
    n,
    pass_rate: n === 0 ? null : row.passed / n,
    interval_95: interval === undefined ? null : [interval.lower, interval.upper],
    credits: formatCredits(row.cost),
    median_latency_ms: row.medianLatencyMillis ?? null
  }
}

const ledgerFields = (ledger: LedgerTotals) => ({
  limit: formatCredits(ledger.limit),
  settled: formatCredits(ledger.settled),
  reserved: formatCredits(ledger.reserved),
  held: formatCredits(ledger.held)
})

const isoTime = (millis: number): string => DateTime.formatIso(DateTime.makeUnsafe(millis))
