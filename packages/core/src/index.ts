export { accountBalance } from "./accountBalance.ts"
export type { Charge, ChargeSource, Completion, FinishReason, Usage } from "./Completion.ts"
export type { AttemptKind, CompletionRequest, Message, ReasoningEffort, Role } from "./CompletionRequest.ts"
export { Credits, formatCredits, parseCredits, picoCreditsPerCredit } from "./Credits.ts"
export { callBound } from "./callBound.ts"
export { completionKey } from "./completionKey.ts"
export { decide } from "./decide.ts"
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
export { openAiCompatible, type Protocol, type Provider, segmind, simulator } from "./Provider.ts"
export { type Call, type CallOptions, resolveCall } from "./resolveCall.ts"
