export { accountBalance } from "./accountBalance.ts"
export {
  type AuditDecision,
  type AuditEvidence,
  type AuditedHold,
  auditHolds,
  defaultSettleMillis,
  leastCharge
} from "./balance/auditHolds.ts"
export type { BalanceEvent, ChargeRange } from "./balance/BalanceEvent.ts"
export { type BalanceState, emptyBalance, lowestBalance, type Surely } from "./balance/BalanceState.ts"
export { type BalanceView, BalanceWatch, layerBalanceWatch } from "./balance/BalanceWatch.ts"
export { type BurnRate, burnRate } from "./balance/burnRate.ts"
export { unexplainedSinceBaseline } from "./balance/intervalTest.ts"
export { type GateDecision, lowBalanceGate } from "./balance/lowBalanceGate.ts"
export { observeBalance } from "./balance/observeBalance.ts"
export { chargeRange } from "./balance/watchedJournal.ts"
export type { Charge, ChargeSource, Completion, FinishReason, Usage } from "./Completion.ts"
export type { AttemptKind, CompletionRequest, Message, ReasoningEffort, Role } from "./CompletionRequest.ts"
export { Credits, formatCredits, parseCredits, picoCreditsPerCredit } from "./Credits.ts"
export { callBound } from "./callBound.ts"
export { completionKey } from "./completionKey.ts"
export { decide } from "./decide.ts"
export type { ConcurrencyRange } from "./internal/limits/AdaptiveConcurrency.ts"
export type { ProviderStatus } from "./internal/limits/ProviderGate.ts"
export type { RetryBudgetOptions } from "./internal/limits/RetryBudget.ts"
export { Ledger } from "./Ledger.ts"
export {
  type AdmitDecision,
  type AttemptClass,
  type AttemptEnd,
  type HeldCall,
  LedgerJournal,
  type LedgerTotals,
  type RawReply,
  type ReserveRequest,
  type Resolution,
  type SettledReply,
  type Settlement
} from "./LedgerJournal.ts"
export { layerLedgerJournalMemory } from "./layerLedgerJournalMemory.ts"
export { findModel, livingSiblings, type ModelInfo, modelCatalogue } from "./ModelCatalogue.ts"
export { ModelClient, type ModelClientOptions } from "./ModelClient.ts"
export {
  BoundBreach,
  BudgetExceeded,
  CallClaimed,
  CallInDoubt,
  CircuitOpen,
  JournalFailed,
  type ModelError,
  ModelRetired,
  OutOfCredits,
  ProviderFailed,
  ProviderUnreachable,
  RateLimited,
  RequestRejected,
  Unauthorized,
  UnexpectedReply
} from "./ModelError.ts"
export { openAiCompatible, type Protocol, type Provider, segmind, segmindV2, simulator } from "./Provider.ts"
export { type Call, type CallOptions, resolveCall } from "./resolveCall.ts"
export { resolveHold } from "./resolveHold.ts"
export { countBytes, loadO200kCounter, type TokenCounter, tokenBound } from "./tokenBound.ts"
