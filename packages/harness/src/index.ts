// Suites describe their inputs and targets by schemas; one import is enough for them.
export { Schema } from "effect"
export {
  CodeSandbox,
  type FunctionCase,
  type FunctionCaseResult,
  type FunctionTests,
  type FunctionTestsResult
} from "./CodeSandbox.ts"
export { defineSuite } from "./defineSuite.ts"
export type { LoadedSuite, Variant } from "./LoadedSuite.ts"
export { layerCodeSandboxAbsent } from "./layerCodeSandboxAbsent.ts"
export { layerRunStoreMemory } from "./layerRunStoreMemory.ts"
export { loadSuite } from "./loadSuite.ts"
export { nearest } from "./nearest.ts"
export { makePlan, type Plan, type PlannedTrial } from "./Plan.ts"
export { type PromptTemplate, parsePrompt, promptFault, renderPrompt } from "./PromptTemplate.ts"
export type { RunEnded, RunEvent, RunNoticed, RunStarted, RunStopping, TrialEnded } from "./RunEvent.ts"
export { runPlan } from "./Runner.ts"
export type { RunOptions, RunResult } from "./RunOptions.ts"
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
export type { StopCause } from "./StopCause.ts"
export type { ModelSettings, SampleDefinition, SimulatedTruth, Suite } from "./Suite.ts"
export { SuiteInvalid } from "./SuiteInvalid.ts"
export { type Judgement, scoreOutput } from "./scoreOutput.ts"
export { exact } from "./scorers/exact.ts"
export { json } from "./scorers/json.ts"
export { numeric } from "./scorers/numeric.ts"
export { type JsonLevel, type JsonRead, readJson } from "./scorers/readJson.ts"
export { lastNumber, type NumberRead, readNumber } from "./scorers/readNumber.ts"
export { trialKeyOf } from "./trialKeyOf.ts"
export { renderTrial, trialRequest } from "./trialRequest.ts"
