import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import Database from "better-sqlite3"
import { Effect, Fiber, Scope } from "effect"
import { TestClock } from "effect/testing"
import { makeOwners } from "../src/internal/Owners.ts"
import { openDatabase } from "../src/internal/openDatabase.ts"
import { makeWriter } from "../src/internal/Writer.ts"
import { temporaryFolder } from "./temporaryFolder.ts"

/** A writer on a file in `folder`, a second connection to look at it, and a count of its commits. */
const setUpIn = Effect.fnUntraced(function* (folder: string) {
  const file = join(folder, "assay.db")
  const database = yield* openDatabase({ file, mode: "write" })
  database.exec("CREATE TABLE number (value INTEGER NOT NULL CHECK (value < 1000)) STRICT")
  const insert = database.prepare<[number]>("INSERT INTO number VALUES (?)")
  const counts = { commits: 0, rollbacks: 0 }
  const writer = yield* makeWriter({
    database,
    file,
    owners: makeOwners(database),
    caches: [
      {
        flush: () => {},
        forget: (committed) => {
          if (committed) counts.commits += 1
          else counts.rollbacks += 1
        }
      }
    ]
  })
  const other = new Database(file, { timeout: 0 })
  const stored = other.prepare<[], number>("SELECT value FROM number ORDER BY value").pluck()
  const add = (value: number) => writer.commit(() => insert.run(value).changes, String)
  return { writer, add, counts, other, stored: () => stored.all() }
})

const setUp = Effect.flatMap(temporaryFolder, setUpIn)

const upTo = (count: number) => Array.from({ length: count }, (_, index) => index)

describe("the writer", () => {
  it.effect("puts what many ask for at once into one commit", () =>
    Effect.gen(function* () {
      const { add, counts, stored } = yield* setUp
      const changes = yield* Effect.forEach(upTo(64), add, { concurrency: "unbounded" })
      assert.deepStrictEqual(
        changes,
        upTo(64).map(() => 1)
      )
      assert.deepStrictEqual(stored(), upTo(64))
      assert.deepStrictEqual(counts, { commits: 1, rollbacks: 0 })
    })
  )

  it.effect("limits how much goes into one commit", () =>
    Effect.gen(function* () {
      const { writer, counts } = yield* setUp
      const ask = () => writer.commit(() => undefined, String)
      yield* Effect.forEach(upTo(1_025), ask, { concurrency: "unbounded" })
      assert.strictEqual(counts.commits, 3)
    })
  )

  it.effect("resumes a caller when others can read what it wrote, and not before", () =>
    Effect.gen(function* () {
      const { add, stored } = yield* setUp
      const seen = yield* Effect.forEach(upTo(200), (value) => Effect.map(add(value), () => stored().includes(value)), {
        concurrency: 16
      })
      assert.deepStrictEqual(
        seen,
        upTo(200).map(() => true)
      )
    })
  )

  it.effect("fails the caller whose statement fails, and nobody else", () =>
    Effect.gen(function* () {
      const { add, counts, stored } = yield* setUp
      const exits = yield* Effect.forEach([1, 1000, 2, 2000, 3], (value) => Effect.exit(add(value)), {
        concurrency: "unbounded"
      })
      assert.deepStrictEqual(
        exits.map(({ _tag }) => _tag),
        ["Success", "Failure", "Success", "Failure", "Success"]
      )
      assert.deepStrictEqual(stored(), [1, 2, 3])
      assert.deepStrictEqual(counts, { commits: 1, rollbacks: 2 })
    })
  )

  it.effect("undoes all of a work that fails in its middle", () =>
    Effect.gen(function* () {
      const { writer, add, other, stored } = yield* setUp
      yield* add(1)
      const insert = other.prepare("SELECT 1")
      const failure = yield* Effect.flip(
        writer.commit(
          () => {
            insert.get()
            throw new Error("in the middle")
          },
          (cause) => String(cause)
        )
      )
      assert.strictEqual(failure, "Error: in the middle")
      yield* add(2)
      assert.deepStrictEqual(stored(), [1, 2])
    })
  )

  it.effect("waits while another process holds the lock", () =>
    Effect.gen(function* () {
      const { add, other, stored } = yield* setUp
      other.exec("BEGIN IMMEDIATE")
      const write = yield* Effect.forkChild(add(7), { startImmediately: true })
      yield* TestClock.adjust("5 seconds")
      assert.isUndefined(write.pollUnsafe())
      other.exec("ROLLBACK")
      yield* TestClock.adjust("1 second")
      yield* Fiber.join(write)
      assert.deepStrictEqual(stored(), [7])
    })
  )

  it.effect("gives up after 10 s, names the lock, and goes on when it is free", () =>
    Effect.gen(function* () {
      const { add, other, stored } = yield* setUp
      other.exec("BEGIN IMMEDIATE")
      const write = yield* Effect.forkChild(Effect.flip(add(7)), { startImmediately: true })
      for (let second = 0; second < 30 && write.pollUnsafe() === undefined; second++)
        yield* TestClock.adjust("1 second")
      const failure = yield* Fiber.join(write)
      assert.match(failure, /DatabaseLocked: Another program has held the write lock of .*assay\.db for 10 s\./)
      other.exec("ROLLBACK")
      yield* add(8)
      assert.deepStrictEqual(stored(), [8])
    })
  )

  it.effect("finishes what waits when it closes, and refuses what comes after", () =>
    Effect.gen(function* () {
      const scope = yield* Scope.make()
      const { add, stored } = yield* Scope.provide(setUpIn(yield* temporaryFolder), scope)
      const writes = yield* Effect.forEach(upTo(20), (value) =>
        Effect.forkChild(add(value), { startImmediately: true })
      )
      yield* Scope.close(scope, yield* Effect.exit(Effect.void))
      yield* Effect.forEach(writes, Fiber.join)
      assert.deepStrictEqual(stored(), upTo(20))
      assert.include(yield* Effect.flip(add(21)), "is closed, so nothing can be written")
    })
  )

  it.effect("lets an interrupted caller go only when its write is on disk", () =>
    Effect.gen(function* () {
      const { add, stored } = yield* setUp
      const write = yield* Effect.forkChild(add(5), { startImmediately: true })
      yield* Fiber.interrupt(write)
      assert.deepStrictEqual(stored(), [5])
    })
  )
})
