import { existsSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { DatabaseSync } from "node:sqlite"
import { describe, expect, it } from "vitest"
import { assay } from "./support/assay.ts"
import { ask, databaseOf, sumsProject } from "./support/project.ts"
import { shown } from "./support/shown.ts"
import { startSimulator } from "./support/simulator.ts"

interface Mistake {
  readonly name: string
  readonly args: ReadonlyArray<string>
  readonly exit: number
  readonly env?: Readonly<Record<string, string>>
  readonly files?: Readonly<Record<string, string>>
}

const run = ["run", "--provider", "simulator"]
const sample = JSON.stringify({ id: "a", input: { question: "1 + 1?" }, target: 2, simulation: { wrong: [3] } })

const mistakes: ReadonlyArray<Mistake> = [
  { name: "unknown-verb", args: ["runn"], exit: 2 },
  { name: "unknown-suite", args: ["run", "summs"], exit: 2 },
  { name: "unknown-flag", args: ["run", "--budgett", "1"], exit: 2 },
  { name: "unknown-provider", args: ["run", "--provider", "segmnd"], exit: 2 },
  { name: "unknown-list", args: ["list", "runz"], exit: 2 },
  { name: "one-argument-too-many", args: ["resume", "a", "b"], exit: 2 },
  { name: "limit-0", args: [...run, "--limit", "0"], exit: 2 },
  { name: "limit-without-value", args: [...run, "--limit"], exit: 2 },
  { name: "concurrency-too-high", args: [...run, "-j", "5000"], exit: 2 },
  { name: "budget-0", args: [...run, "--budget", "0"], exit: 2 },
  { name: "budget-negative", args: [...run, "--budget", "-1"], exit: 2 },
  { name: "budget-abc", args: [...run, "--budget", "abc"], exit: 2 },
  { name: "budget-below-a-call", args: [...run, "--budget", "0.0001"], exit: 2 },
  {
    name: "budget-below-a-call-whose-cap-is-not-known",
    args: ["run", "--provider", "segmind", "--budget", "0.01"],
    env: { SEGMIND_API_KEY: "SG_0123456789abcdef" },
    exit: 2
  },
  { name: "compatible-without-address", args: ["run", "--provider", "compatible"], exit: 2 },
  { name: "segmind-without-key", args: ["run", "--provider", "segmind"], exit: 4 },
  { name: "openai-without-key", args: ["run", "--provider", "openai"], exit: 4 },
  { name: "ci-without-key", args: ["run"], env: { CI: "1" }, exit: 4 },
  { name: "ci-with-an-empty-key", args: ["run"], env: { CI: "true", SEGMIND_API_KEY: "" }, exit: 4 },
  {
    name: "sample-line-that-is-not-json",
    args: run,
    files: { "evals/sums/samples.jsonl": `${sample}\n{"id": "b", input}\n` },
    exit: 2
  },
  {
    name: "sample-line-of-another-shape",
    args: run,
    files: { "evals/sums/samples.jsonl": `${sample}\n{"id": "b", "input": {"question": 1}, "target": 2}\n` },
    exit: 2
  },
  {
    name: "sample-line-with-a-key-that-is-mistyped",
    args: run,
    files: { "evals/sums/samples.jsonl": `${sample}\n{"id": "b", "inptu": {"question": "1"}, "target": 2}\n` },
    exit: 2
  },
  {
    name: "sample-id-used-twice",
    args: run,
    files: { "evals/sums/samples.jsonl": `${sample}\n\n${sample}\n` },
    exit: 2
  },
  {
    name: "prompt-variable-that-no-input-has",
    args: run,
    files: { "evals/sums/prompts/plain.md": "{{qestion}}\n" },
    exit: 2
  },
  { name: "suite-that-throws", args: run, files: { "evals/sums/suite.ts": "throw new Error('no luck')\n" }, exit: 2 },
  { name: "suite-that-is-none", args: run, files: { "evals/sums/suite.ts": "export default 7\n" }, exit: 2 },
  { name: "show-before-the-first-run", args: ["show"], exit: 6 },
  { name: "resume-before-the-first-run", args: ["resume"], exit: 6 },
  { name: "simulator-that-is-not-there", args: [...run, "--base-url", "http://127.0.0.1:1"], exit: 3 }
]

describe("a mistake", () => {
  it.each(mistakes)("is answered on standard error alone, and no database is made: $name", async (mistake) => {
    const project = sumsProject(mistake.files)
    const end = await assay(mistake.args, { cwd: project, ...(mistake.env === undefined ? {} : { env: mistake.env }) })
    await expect(shown(mistake.args, end, project)).toMatchFileSnapshot(`snapshots/bad-input/${mistake.name}.txt`)
    expect(end.exit).toBe(mistake.exit)
    expect(end.stdout).toBe("")
    expect(existsSync(databaseOf(project))).toBe(false)
  })

  it("in the budget sends no call", async () => {
    const simulator = await startSimulator()
    const project = sumsProject()
    const end = await assay([...run, "--base-url", simulator.url, "--budget", "0.001"], { cwd: project })
    expect(end.exit).toBe(2)
    expect(await simulator.account()).toMatchObject({ calls: 0, charges: 0, spent: "0" })
    // What the message names as the fix is enough.
    const [, fix] = /fix: {2}--budget (\S+)/.exec(end.stderr) ?? []
    const mended = await assay([...run, "--base-url", simulator.url, "--budget", fix ?? "", "-n", "1"], {
      cwd: project
    })
    expect(mended.exit).toBe(0)
  })
})

describe("a database", () => {
  const writeVersion = (project: string, version: number) => {
    const database = new DatabaseSync(databaseOf(project))
    database.exec(`PRAGMA user_version = ${version}; PRAGMA journal_mode = DELETE`)
    database.close()
    return readFileSync(databaseOf(project))
  }

  it("from a newer version is refused by every verb, and not a byte of it changes", async () => {
    const project = sumsProject()
    expect((await assay([...run, "-n", "1"], { cwd: project })).exit).toBe(0)
    const before = writeVersion(project, 9999)
    for (const args of [[...run, "-n", "1"], ["resume"], ["list"], ["show"]]) {
      const end = await assay(args, { cwd: project })
      expect(end).toMatchObject({ exit: 2, stdout: "" })
      await expect(shown(["…"], end, project)).toMatchFileSnapshot("snapshots/bad-input/newer-database.txt")
      expect(readFileSync(databaseOf(project)).equals(before)).toBe(true)
    }
  })

  it("of another program is refused and left alone", async () => {
    const project = sumsProject()
    const file = join(project, "notes.db")
    const database = new DatabaseSync(file)
    database.exec("CREATE TABLE note (text TEXT)")
    database.close()
    const before = readFileSync(file)
    const end = await assay([...run, "-n", "1", "--db", "notes.db"], { cwd: project })
    await expect(shown(["…"], end, project)).toMatchFileSnapshot("snapshots/bad-input/foreign-database.txt")
    expect(end).toMatchObject({ exit: 2, stdout: "" })
    expect(readFileSync(file).equals(before)).toBe(true)
  })

  it("that is no database at all is refused and left alone", async () => {
    const project = sumsProject()
    writeFileSync(
      join(project, "notes.txt"),
      "not a database, but long enough to hold a header of one hundred bytes\n".repeat(3)
    )
    const end = await assay([...run, "-n", "1", "--db", "notes.txt"], { cwd: project })
    expect(end).toMatchObject({ exit: 2, stdout: "" })
    expect(end.stderr).toContain("notes.txt is not a SQLite database")
  })
})

it("a suite whose samples changed is not resumed under the old numbers", async () => {
  const project = sumsProject()
  expect((await assay([...run, "--budget", "0.005", "-j", "1"], { cwd: project })).exit).toBe(5)
  const file = join(project, "evals", "sums", "samples.jsonl")
  writeFileSync(file, readFileSync(file, "utf8").replace('"target":16', '"target":17'))
  const end = await assay(["resume", "--budget", "1"], { cwd: project })
  await expect(shown(["resume", "--budget", "1"], end, project)).toMatchFileSnapshot(
    "snapshots/bad-input/resume-after-a-change.txt"
  )
  expect(end).toMatchObject({ exit: 2, stdout: "" })
  expect(ask(project, "SELECT status FROM run")).toEqual([{ status: "out-of-budget" }])
})
