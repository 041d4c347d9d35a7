import { Schema } from "effect"

/** The database was not opened, and its file is as it was. The message says what happened, what is safe and what to do. */
export class DatabaseRefused extends Schema.TaggedError<DatabaseRefused>()("DatabaseRefused", {
  file: Schema.String,
  reason: Schema.Literals(["Absent", "Newer", "NotADatabase", "Foreign", "NetworkFileSystem", "Locked", "Failed"]),
  /** A sentence about what was found. */
  found: Schema.String,
  /** A sentence about what to do. */
  fix: Schema.String
}) {
  override get message() {
    const kept = this.reason === "Absent" ? "" : " The file was not changed."
    return `${this.found}${kept} ${this.fix}`
  }
}

/** Another process kept the database's write lock for as long as a write may wait. Nothing of the write is stored. */
export class DatabaseLocked extends Schema.TaggedError<DatabaseLocked>()("DatabaseLocked", {
  file: Schema.String,
  waitedMillis: Schema.Finite,
  /** Who may hold the lock: the living processes that have the database open. */
  owners: Schema.Array(Schema.String)
}) {
  override get message() {
    const who = this.owners.length === 0 ? "Another program" : `Another program (perhaps ${this.owners.join(" or ")})`
    return (
      `${who} has held the write lock of ${this.file} for ${Math.round(this.waitedMillis / 1000)} s. ` +
      "What was confirmed before is kept; end that program, or the transaction it left open, and try again."
    )
  }
}

/** A write to a store that was opened for reading, or is closed. */
export class DatabaseNotWritable extends Schema.TaggedError<DatabaseNotWritable>()("DatabaseNotWritable", {
  file: Schema.String,
  why: Schema.Literals(["opened for reading", "closed"])
}) {
  override get message() {
    return `${this.file} is ${this.why}, so nothing can be written to it.`
  }
}
