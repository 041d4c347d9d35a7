import type { ModelError } from "@assay/core"
import { formatCredits } from "@assay/core"
import type { RunIsOwned, StoreFailed, SuiteInvalid } from "@assay/harness"
import type { DatabaseRefused } from "@assay/store"
import { ExitCode } from "./ExitCode.ts"
import { type Failure, failure } from "./Failure.ts"
import { noRunYet } from "./run/requireRun.ts"

const nothingSent = "nothing was sent or charged"

/** All that a verb can fail with: each has a word for a person, and an exit code. */
export type KnownError = ModelError | StoreFailed | RunIsOwned | SuiteInvalid | DatabaseRefused | Failure

const knownTags: Readonly<Record<KnownError["_tag"], true>> = {
  BoundBreach: true,
  BudgetExceeded: true,
  CallClaimed: true,
  CallInDoubt: true,
  CircuitOpen: true,
  DatabaseRefused: true,
  Failure: true,
  JournalFailed: true,
  ModelRetired: true,
  OutOfCredits: true,
  ProviderFailed: true,
  ProviderUnreachable: true,
  RateLimited: true,
  RequestRejected: true,
  RunIsOwned: true,
  StoreFailed: true,
  SuiteInvalid: true,
  Unauthorized: true,
  UnexpectedReply: true
}

export const isKnownError = (error: unknown): error is KnownError =>
  typeof error === "object" && error !== null && "_tag" in error && Object.hasOwn(knownTags, String(error._tag))

/** The words and the exit code of an error. */
export const toFailure = (error: KnownError): Failure => {
  switch (error._tag) {
    case "Failure":
      return error
    case "SuiteInvalid":
      return failure({
        code: "E0102",
        what: `the suite "${error.suite}" cannot be used: ${error.message}`,
        kept: nothingSent,
        fix: error.fix ?? `correct ${error.where}`,
        exit: ExitCode.usage
      })
    case "RequestRejected":
      return failure({
        code: "E0110",
        what: error.message,
        kept: error.status === 0 ? nothingSent : "refused requests are not charged",
        exit: ExitCode.usage
      })
    case "DatabaseRefused":
      if (error.reason === "Absent") return noRunYet(error.file)
      return failure({
        code: "E0202",
        what: error.found,
        kept: "the file was not changed",
        fix: error.fix,
        exit: error.reason === "Locked" ? ExitCode.incomplete : ExitCode.usage
      })
    case "RunIsOwned":
      return failure({
        code: "E0203",
        what: error.message,
        kept: nothingSent,
        fix: `wait for it, or stop it: kill ${error.pid}`,
        exit: ExitCode.incomplete
      })
    case "StoreFailed":
    case "JournalFailed":
      return failure({
        code: "E0201",
        what: error.message,
        kept: "what was confirmed before is on disk",
        fix: "assay resume, once the disk and the file are writable again",
        exit: ExitCode.incomplete
      })
    case "Unauthorized":
      return failure({
        code: "E1101",
        what: error.message,
        kept: "a refused call is not charged; finished trials are kept",
        fix: `export ${keyVariable(error.provider)}=<your key>, then: assay resume`,
        exit: ExitCode.credentials
      })
    case "OutOfCredits":
      return failure({
        code: "E1201",
        what: error.message,
        kept: "finished trials are kept; the refused call was not charged",
        fix: "top up, then: assay resume",
        exit: ExitCode.outOfBudget
      })
    case "BudgetExceeded":
      return failure({
        code: "E1202",
        what: error.message,
        kept: "finished trials are kept; nothing was spent on the call that did not fit",
        fix:
          error.budget === undefined
            ? `assay resume --budget ${formatCredits(error.limit * 2n)}`
            : `assay resume, on another day or with --day-budget ${formatCredits(error.limit * 2n)}`,
        exit: ExitCode.outOfBudget
      })
    case "BoundBreach":
      return failure({
        code: "E1204",
        what: error.message,
        kept: "finished trials are kept; the charge is booked in full",
        fix: "compare the provider's prices with the catalogue's before: assay resume",
        exit: ExitCode.outOfBudget
      })
    case "ModelRetired":
      return failure({
        code: "E1301",
        what: error.message,
        kept: "a refused call is not charged",
        fix: "name a living model in the suite's settings",
        exit: ExitCode.usage
      })
    default:
      return failure({ code: "E1302", what: error.message, fix: "assay resume", exit: ExitCode.incomplete })
  }
}

const keyVariable = (provider: string): string =>
  /^(openai|compatible)$/.test(provider) ? "OPENAI_API_KEY" : "SEGMIND_API_KEY"
