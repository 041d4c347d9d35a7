import { anEnd, aReservation, aSettlement, bodyWith, keyOf } from "@assay/core/testing"
import type { RenderedPrompt, RunRecord, SampleRecord, ScoreRecord, TrialRecord } from "@assay/harness"

export { anEnd, aReservation, aSettlement, bodyWith, keyOf }

/** Plain records with something in every field; a test changes what it is about. */
export const aRun = (change: Partial<RunRecord> = {}): RunRecord => ({
  id: "run00001",
  createdAt: 10_000,
  finishedAt: undefined,
  status: "running",
  seed: 7,
  provider: "simulator",
  baseUrl: "http://127.0.0.1:4010",
  simulated: true,
  budget: 5_000_000_000_000n,
  limit: 20,
  gitCommit: "0123abc",
  suites: [
    { name: "math", file: "evals/math/suite.ts", samplesHash: "a", scorersHash: "b", samples: 2, trialsPerSample: 2 },
    { name: "coding", file: undefined, samplesHash: "c", scorersHash: "d", samples: 1, trialsPerSample: 1 }
  ],
  variants: [
    aVariant("math", "plain"),
    { ...aVariant("math", "structured"), reasoningEffort: "high" },
    aVariant("coding", "plain")
  ],
  trials: 9,
  ...change
})

const aVariant = (suite: string, name: string) => ({
  suite,
  name,
  prompt: name,
  promptHash: `hash of ${name}`,
  model: "o3-mini",
  reasoningEffort: undefined,
  maxCompletionTokens: 2000
})

export const aSample = (suite: string, id: string): SampleRecord => ({
  suite,
  id,
  hash: `hash of ${id}`,
  input: { question: `What is ${id}?` },
  target: 84,
  cluster: "jars",
  tags: ["easy", "short"]
})

export const someSamples = [aSample("math", "jars"), aSample("math", "crates"), aSample("coding", "jars")]

export const aPrompt = (text = "How many jars?"): RenderedPrompt => ({
  hash: keyOf(text),
  messages: [
    { role: "system", content: "You count." },
    { role: "user", content: text }
  ]
})

export const aScore = (change: Partial<ScoreRecord> = {}): ScoreRecord => ({
  scorer: "numeric",
  version: 2,
  value: 1,
  passed: true,
  explanation: "84 is 0 from the target 84.",
  details: { answer: 84 },
  ...change
})

export const aTrial = (change: Partial<TrialRecord> = {}): TrialRecord => ({
  suite: "math",
  variant: "plain",
  sampleId: "jars",
  trialIndex: 0,
  outcome: "passed",
  reason: undefined,
  attemptId: "attempt-1",
  attempts: 1,
  output: "84",
  finishReason: "stop",
  responseModel: "o3-mini-2025-01-31",
  systemFingerprint: "fp_1",
  promptTokens: 31,
  completionTokens: 42,
  reasoningTokens: 16,
  cost: 1_389_580_000n,
  latencyMillis: 812,
  finishedAt: 20_000,
  scores: [aScore(), aScore({ scorer: "format", version: 1, value: 0.5, details: undefined })],
  ...change
})
