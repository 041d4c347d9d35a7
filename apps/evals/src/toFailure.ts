import type { ModelError } from "@assay/core"
import { formatCredits } from "@assay/core"
import type { RunIsOwned, StoreFailed, SuiteInvalid } from "@assay/harness"
import type { DatabaseRefused } from "@assay/store"
import { ExitCode } from "./ExitCode.ts"
import { type Failure, failure } from "./Failure.ts"

const nothingSent = "nothing was sent or charged"

/** All that a verb can fail with. */
export type KnownError = ModelError | StoreFailed | RunIsOwned | SuiteInvalid | DatabaseRefused | Failure

const knownTags: ReadonlySet<unknown> = new Set<KnownError["_tag"]>([
  "BudgetExceeded",
  "CallClaimed",
  "CallInDoubt",
  "DatabaseRefused",
  "Failure",
  "JournalFailed",
  "ModelRetired",
  "OutOfCredits",
  "ProviderFailed",
  "ProviderUnreachable",
  "RateLimited",
  "RequestRejected",
  "RunIsOwned",
  "StoreFailed",
  "SuiteInvalid",
  "Unauthorized",
  "UnexpectedReply"
])

export const isKnownError = (error: unknown): error is KnownError =>
  typeof error === "object" && error !== null && "_tag" in error && knownTags.has(error._tag)

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
      return failure({
        code: "E0202",
        what: error.found,
        kept: error.reason === "Absent" ? undefined : "the file was not changed",
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
        fix: "export SEGMIND_API_KEY=<your key>, then: assay resume",
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
        fix: `assay resume --budget ${formatCredits(error.limit * 2n)}`,
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
