export {
  CodeSandbox,
  type FunctionCase,
  type FunctionCaseResult,
  type FunctionTests,
  type FunctionTestsResult
} from "./CodeSandbox.ts"
export { defineSuite } from "./defineSuite.ts"
export { layerCodeSandboxAbsent } from "./layerCodeSandboxAbsent.ts"
export type { RunEnded, RunEvent, RunNoticed, RunStarted, RunStopping, TrialEnded } from "./RunEvent.ts"
export type {
  RenderedPrompt,
  RunRecord,
  RunStatus,
  SampleRecord,
  ScoreRecord,
  SuiteRecord,
  TrialKey,
  TrialOutcome,
  TrialRecord,
  VariantRecord,
  VariantTotals
} from "./RunRecord.ts"
export { failuresKept, foldRunEvent, type RunSnapshot } from "./RunSnapshot.ts"
export { RunIsOwned, RunStore, type StoredTrial, StoreFailed } from "./RunStore.ts"
export type { Sample } from "./Sample.ts"
export { type Score, type Scored, scored, type Unscored, unscored, zero } from "./Score.ts"
export type { Scorer, ScorerInput, ScorerServices } from "./Scorer.ts"
export type { ModelSettings, SampleDefinition, SimulatedTruth, Suite } from "./Suite.ts"
