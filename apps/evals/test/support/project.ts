import { cpSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { DatabaseSync } from "node:sqlite"
import { fileURLToPath } from "node:url"
import { onTestFinished } from "vitest"

const fixtures = fileURLToPath(new URL("../projects", import.meta.url))

/** A folder of its own, outside the repository, that goes away with the test. */
export const temporaryFolder = (): string => {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "assay-test-")))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** A copy of the project `sums`: one suite, 12 samples, 2 prompts, 24 trials of about 0.0005 credits. */
export const sumsProject = (files: Readonly<Record<string, string>> = {}): string => {
  const folder = temporaryFolder()
  cpSync(join(fixtures, "sums"), folder, { recursive: true })
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text)
  return folder
}

export const databaseOf = (project: string): string => join(project, ".assay", "results.db")

type Row = Readonly<Record<string, string | number | bigint | null>>

/** Asks a project's database, as a person with `sqlite3` would. Integers come as bigint, so that no amount is rounded. */
export const ask = (project: string, sql: string): ReadonlyArray<Row> => {
  const database = new DatabaseSync(databaseOf(project), { readOnly: true })
  try {
    const statement = database.prepare(sql)
    statement.setReadBigInts(true)
    return statement.all().map((row) => ({ ...row }) as Row)
  } finally {
    database.close()
  }
}
