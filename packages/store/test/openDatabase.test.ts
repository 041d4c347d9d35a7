import { createHash } from "node:crypto"
import { chmodSync, copyFileSync, existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs"
import { basename, dirname, join } from "node:path"
import { LedgerJournal } from "@assay/core"
import { RunStore } from "@assay/harness"
import { assert, describe, it } from "@effect/vitest"
import Database from "better-sqlite3"
import { Effect, Fiber } from "effect"
import { TestClock } from "effect/testing"
import { layerStore } from "../src/index.ts"
import { networkFileSystem } from "../src/internal/fileSystem.ts"
import { migrations } from "../src/internal/migrations/index.ts"
import { openDatabase } from "../src/internal/openDatabase.ts"
import { aReservation, aRun, someSamples } from "./records.ts"
import { temporaryFolder } from "./temporaryFolder.ts"

const temporaryFile = Effect.map(temporaryFolder, (folder) => join(folder, ".assay", "assay.db"))

/** Makes a store with one run in it, and closes it. */
const storeWithRun = (file: string) =>
  Effect.gen(function* () {
    yield* (yield* RunStore).createRun(aRun(), someSamples)
  }).pipe(Effect.provide(layerStore({ file }), { local: true }))

const open = (file: string, mode: "write" | "read" = "write") =>
  Effect.gen(function* () {
    return yield* (yield* RunStore).listRuns(10)
  }).pipe(Effect.provide(layerStore({ file, mode }), { local: true }))

const refusal = (file: string, mode: "write" | "read" = "write") =>
  Effect.flip(open(file, mode)).pipe(
    Effect.map((failure) => ({ reason: "reason" in failure ? failure.reason : failure._tag, message: failure.message }))
  )

const hashesIn = (folder: string) =>
  readdirSync(folder).map((name) => [
    name,
    createHash("sha256")
      .update(readFileSync(join(folder, name)))
      .digest("hex")
  ])

const change = (file: string, sql: string) => {
  const database = new Database(file)
  database.exec(sql)
  database.close()
}

describe("opening a store", () => {
  it.effect("makes the folder, keeps it out of version control and its files to their owner", () =>
    Effect.gen(function* () {
      const file = yield* temporaryFile
      yield* Effect.gen(function* () {
        yield* (yield* RunStore).createRun(aRun(), someSamples)
        const modes = readdirSync(dirname(file))
          .filter((name) => name.startsWith("assay.db"))
          .map((name) => [name, (statSync(join(dirname(file), name)).mode & 0o777).toString(8)])
        assert.deepStrictEqual(modes, [
          ["assay.db", "600"],
          ["assay.db-shm", "600"],
          ["assay.db-wal", "600"]
        ])
      }).pipe(Effect.provide(layerStore({ file })))
      assert.strictEqual(readFileSync(join(dirname(file), ".gitignore"), "utf8"), "*\n")
    })
  )

  it.effect("closes an older file to others", () =>
    Effect.gen(function* () {
      const file = yield* temporaryFile
      yield* storeWithRun(file)
      chmodSync(file, 0o644)
      yield* open(file)
      assert.strictEqual(statSync(file).mode & 0o777, 0o600)
    })
  )

  it.effect("leaves any other folder as it is", () =>
    Effect.gen(function* () {
      const folder = yield* temporaryFolder
      yield* storeWithRun(join(folder, "mine.db"))
      assert.deepStrictEqual(readdirSync(folder), ["mine.db"])
    })
  )

  it.effect("is durable by commit, writes ahead and checks references", () =>
    Effect.gen(function* () {
      const database = yield* openDatabase({ file: yield* temporaryFile, mode: "write" })
      const pragma = (name: string) => database.pragma(name, { simple: true })
      assert.deepStrictEqual(["journal_mode", "synchronous", "foreign_keys", "busy_timeout"].map(pragma), [
        "wal",
        2,
        1,
        0
      ])
    })
  )

  it.effect("refuses a newer database and changes no byte of it", () =>
    Effect.gen(function* () {
      const file = yield* temporaryFile
      yield* storeWithRun(file)
      change(file, "PRAGMA user_version = 99")
      const before = hashesIn(dirname(file))
      for (const mode of ["write", "read"] as const) {
        const { reason, message } = yield* refusal(file, mode)
        assert.strictEqual(reason, "Newer")
        assert.strictEqual(
          message,
          `${file} was written by a newer Assay (schema 99; this one knows 1). The file was not changed. ` +
            "Update Assay, or use another file."
        )
      }
      assert.deepStrictEqual(hashesIn(dirname(file)), before)
    })
  )

  it.effect("refuses a newer database whose version is still in its log, and moves nothing", () =>
    Effect.gen(function* () {
      const file = yield* temporaryFile
      yield* storeWithRun(file)
      const writing = new Database(file)
      writing.exec("PRAGMA user_version = 99")
      // What a crash of that program would leave: the file as it was, and the log.
      const left = join(yield* temporaryFolder, "assay.db")
      for (const end of ["", "-wal"]) copyFileSync(file + end, left + end)
      writing.close()
      const before = hashesIn(dirname(left))
      assert.strictEqual((yield* refusal(left)).reason, "Newer")
      const after = hashesIn(dirname(left)).filter(([name]) => name !== "assay.db-shm")
      assert.deepStrictEqual(after, before)
    })
  )

  it.effect("refuses a file that is not a database, and one of another program", () =>
    Effect.gen(function* () {
      const folder = yield* temporaryFolder
      const text = join(folder, "notes.txt")
      writeFileSync(text, "Remember the milk. ".repeat(100))
      const foreign = join(folder, "foreign.db")
      change(foreign, "CREATE TABLE milk (id INTEGER PRIMARY KEY)")
      const before = hashesIn(folder)
      assert.strictEqual((yield* refusal(text)).reason, "NotADatabase")
      assert.strictEqual((yield* refusal(foreign)).reason, "Foreign")
      assert.deepStrictEqual(hashesIn(folder), before)
    })
  )

  it.effect("takes an empty file for a new store", () =>
    Effect.gen(function* () {
      const file = join(yield* temporaryFolder, "empty.db")
      writeFileSync(file, "")
      yield* storeWithRun(file)
      assert.strictEqual((yield* open(file)).length, 1)
    })
  )

  it.effect("refuses a folder on a network file system", () =>
    Effect.gen(function* () {
      const file = yield* temporaryFile
      const nfs = 0x6969
      const failure = yield* Effect.flip(openDatabase({ file, mode: "write", fileSystemType: () => nfs }))
      assert.strictEqual(failure.reason, "NetworkFileSystem")
      assert.include(failure.message, "(NFS)")
      assert.isFalse(existsSync(file))
    })
  )

  it("knows network file systems by their numbers, signed ones too, and lets local ones be", () => {
    const ext4 = 0xef53
    const tmpfs = 0x01021994
    assert.deepStrictEqual([0x6969, 0xff534d42 | 0, 0xfe534d42, ext4, tmpfs].map(networkFileSystem), [
      "NFS",
      "CIFS",
      "SMB2",
      undefined,
      undefined
    ])
  })

  it.effect("says why when the folder cannot be made", () =>
    Effect.gen(function* () {
      const folder = yield* temporaryFolder
      writeFileSync(join(folder, "file"), "")
      const { reason, message } = yield* refusal(join(folder, "file", "assay.db"))
      assert.strictEqual(reason, "Failed")
      assert.include(message, "could not be opened")
    })
  )

  it.effect("waits for a lock, and says so when it does not come in 10 s", () =>
    Effect.gen(function* () {
      const file = yield* temporaryFile
      yield* storeWithRun(file)
      const other = new Database(file)
      other.exec("BEGIN IMMEDIATE")
      const refused = yield* Effect.forkChild(refusal(file), { startImmediately: true })
      const { message, reason } = yield* joinWhileClockMoves(refused)
      assert.strictEqual(reason, "Locked")
      assert.include(message, "Another program")
      assert.include(message, `the write lock of ${file} for 10 s`)

      const opened = yield* Effect.forkChild(open(file), { startImmediately: true })
      yield* TestClock.adjust("1 second")
      other.exec("ROLLBACK")
      assert.strictEqual((yield* joinWhileClockMoves(opened)).length, 1)
      other.close()
    })
  )
})

describe("reading a store", () => {
  it.effect("refuses a file that is not there, and makes none", () =>
    Effect.gen(function* () {
      const file = yield* temporaryFile
      const { reason, message } = yield* refusal(file, "read")
      assert.strictEqual(reason, "Absent")
      assert.include(message, `There is no store at ${file}.`)
      assert.isFalse(existsSync(dirname(file)))
    })
  )

  it.effect("reads while another writes, and writes nothing", () =>
    Effect.gen(function* () {
      const file = yield* temporaryFile
      yield* Effect.gen(function* () {
        yield* (yield* RunStore).createRun(aRun(), someSamples)
        const read = Effect.gen(function* () {
          const store = yield* RunStore
          assert.strictEqual((yield* store.findRun())?.status, "running")
          const failures = [
            yield* Effect.flip(store.finishRun("run00001", "completed", 1)),
            yield* Effect.flip((yield* LedgerJournal).admit([aReservation("a")]))
          ]
          for (const { message } of failures) assert.include(message, "is opened for reading")
        })
        yield* Effect.provide(read, layerStore({ file, mode: "read" }), { local: true })
      }).pipe(Effect.provide(layerStore({ file }), { local: true }))
    })
  )
})

describe("migrating a store", () => {
  const second = { version: 2, sql: "CREATE TABLE marker (id INTEGER PRIMARY KEY) STRICT" }
  const backupsOf = (file: string) => readdirSync(dirname(file)).filter((name) => name.endsWith(".backup"))

  it.effect("copies an older database first, and keeps what was in it", () =>
    Effect.gen(function* () {
      const file = yield* temporaryFile
      yield* storeWithRun(file)
      yield* Effect.scoped(openDatabase({ file, mode: "write", migrations: [...migrations, second] }))
      const [backup = ""] = backupsOf(file)
      assert.match(backup, /^assay\.db\.v1-\d{8}T\d{9}Z\.backup$/)
      assert.strictEqual(statSync(join(dirname(file), backup)).mode & 0o777, 0o600)
      const versions = [file, join(dirname(file), backup)].map((path) => {
        const database = new Database(path, { readonly: true })
        const runs = database.prepare("SELECT name FROM run").pluck().all()
        const version = database.pragma("user_version", { simple: true })
        database.close()
        return [version, runs]
      })
      assert.deepStrictEqual(versions, [
        [2, ["run00001"]],
        [1, ["run00001"]]
      ])
      assert.strictEqual((yield* refusal(file)).reason, "Newer")
    })
  )

  it.effect("changes nothing when a migration fails", () =>
    Effect.gen(function* () {
      const file = yield* temporaryFile
      yield* storeWithRun(file)
      const broken = { version: 3, sql: "CREATE TABLE run (id INTEGER)" }
      const failure = yield* Effect.flip(
        openDatabase({ file, mode: "write", migrations: [...migrations, second, broken] })
      )
      assert.strictEqual(failure.reason, "Failed")
      assert.strictEqual(backupsOf(file).length, 1)
      assert.strictEqual((yield* open(file)).length, 1)
    })
  )

  it.effect("makes no backup of a new store, and none when there is nothing to do", () =>
    Effect.gen(function* () {
      const file = yield* temporaryFile
      yield* storeWithRun(file)
      yield* open(file)
      assert.deepStrictEqual(backupsOf(file), [])
      assert.strictEqual(basename(file), "assay.db")
    })
  )

  it.effect("does not migrate for a reader", () =>
    Effect.gen(function* () {
      const file = yield* temporaryFile
      yield* storeWithRun(file)
      const before = readFileSync(file)
      const failure = yield* Effect.flip(openDatabase({ file, mode: "read", migrations: [...migrations, second] }))
      assert.include(failure.message, "older Assay")
      assert.isTrue(readFileSync(file).equals(before))
    })
  )
})

/** Moves the clock until the fiber is done; 60 s are six times what anything may wait. */
const joinWhileClockMoves = <A, E>(fiber: Fiber.Fiber<A, E>) =>
  Effect.gen(function* () {
    for (let second = 0; second < 60 && fiber.pollUnsafe() === undefined; second++) yield* TestClock.adjust("1 second")
    return yield* Fiber.join(fiber)
  })
