import { Schema } from "effect"

/** The journal was not opened, and its file is as it was. The message says what happened and what to do. */
export class FileJournalRefused extends Schema.TaggedError<FileJournalRefused>()("FileJournalRefused", {
  file: Schema.String,
  reason: Schema.Literals(["InUse", "NotAJournal", "Newer", "Damaged", "Failed"]),
  /** A sentence about what was found. */
  found: Schema.String,
  /** A sentence about what to do. */
  fix: Schema.String
}) {
  override get message() {
    return `${this.found} The file was not changed. ${this.fix}`
  }
}

export const refuseInUse = (file: string, owner: string, claim: string) =>
  new FileJournalRefused({
    file,
    reason: "InUse",
    found: `${file} is in use by ${owner}.`,
    fix: `End it, or give this one a file of its own. Should it be gone, remove ${claim}.`
  })

export const refuseForeign = (file: string) =>
  new FileJournalRefused({
    file,
    reason: "NotAJournal",
    found: `${file} is not a journal of the credit ledger.`,
    fix: "Use another file."
  })

export const refuseNewer = (file: string, format: number) =>
  new FileJournalRefused({
    file,
    reason: "Newer",
    found: `${file} was written by a newer version (format ${format}).`,
    fix: "Update @assay/core, or use another file."
  })

export const refuseDamaged = (file: string, offset: number) =>
  new FileJournalRefused({
    file,
    reason: "Damaged",
    found: `${file} is damaged at byte ${offset}, before entries that are sound: no crash does that.`,
    fix: "Restore it from a copy, or begin another file and count what this one has spent."
  })

export const refuseFailed = (file: string, cause: unknown) =>
  new FileJournalRefused({
    file,
    reason: "Failed",
    found: `${file} could not be opened: ${cause instanceof Error ? cause.message : String(cause)}.`,
    fix: "See that the folder can be written and the disk has room."
  })
