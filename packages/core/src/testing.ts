export { type ChatCompletionOptions, chatCompletion } from "./internal/testing/chatCompletion.ts"
export {
  answer,
  brokenOff,
  delayed,
  json,
  maybeSent,
  neverEnding,
  notSent,
  type Step,
  text
} from "./internal/testing/httpSteps.ts"
export { HttpScript, layerHttpScripted, type Script, type SentRequest } from "./internal/testing/layerHttpScripted.ts"
export { layerModelClientScripted, type ScriptedClientOptions } from "./internal/testing/layerModelClientScripted.ts"
export { type JournalCheck, ledgerJournalContract } from "./internal/testing/ledgerJournalContract.ts"
export { anEnd, aReservation, aSettlement, bodyWith, keyOf } from "./internal/testing/ledgerRecords.ts"
export { checkLedgerSchedule } from "./internal/testing/ledgerSchedule.ts"
