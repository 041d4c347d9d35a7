import type { Completion } from "../Completion.ts"
import type { CompletionRequest } from "../CompletionRequest.ts"
import type { ModelError } from "../ModelError.ts"
import type { BatchRejected, BatchUnreachable, LineNotRun } from "./BatchError.ts"

/** What became of one request. */
export type BatchResult =
  | { readonly _tag: "Completed"; readonly request: CompletionRequest; readonly completion: Completion }
  | {
      readonly _tag: "Failed"
      readonly request: CompletionRequest
      readonly error: ModelError | BatchRejected | BatchUnreachable | LineNotRun
    }

export interface BatchReport {
  /** One result a request, in the order of the requests. */
  readonly results: ReadonlyArray<BatchResult>
}
