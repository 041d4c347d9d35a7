import { type ChildProcess, spawn } from "node:child_process"
import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync
} from "node:fs"
import { hostname, tmpdir } from "node:os"
import { join } from "node:path"
import { createInterface } from "node:readline"
import { fileURLToPath } from "node:url"
import { assert, describe, it } from "@effect/vitest"
import { Context, Effect, Exit, Fiber, Layer, Scope } from "effect"
import { layerFileJournal } from "../src/FileJournal.ts"
import { LedgerJournal } from "../src/index.ts"
import { anEnd, aReservation, aSettlement, checkLedgerSchedule, keyOf, ledgerJournalContract } from "../src/testing.ts"
import { everyOperation } from "./fileJournal/everyOperation.ts"
import { readTruth } from "./fileJournal/readTruth.ts"
import { seedCount } from "./support/seeds.ts"

type Journal = LedgerJournal["Service"]

const temporaryFolder = Effect.acquireRelease(
  Effect.sync(() => mkdtempSync(join(tmpdir(), "assay-journal-"))),
  (folder) => Effect.sync(() => rmSync(folder, { recursive: true, force: true }))
)
const temporaryFile = Effect.map(temporaryFolder, (folder) => join(folder, "ledger", "journal.jsonl"))
const layerFresh = Layer.unwrap(Effect.map(temporaryFile, (file) => layerFileJournal({ file })))

/** Opens the journal, uses it and closes it. */
const withJournal = <A, E>(file: string, use: (journal: Journal) => Effect.Effect<A, E>, compactAbove?: number) =>
  Effect.flatMap(LedgerJournal, use).pipe(
    Effect.provide(layerFileJournal({ file, ...(compactAbove === undefined ? {} : { compactAbove }) }), { local: true })
  )

describe("layerFileJournal as a LedgerJournal", () => {
  for (const { title, check } of ledgerJournalContract) {
    it.live(title, () => Effect.flatMap(LedgerJournal, check).pipe(Effect.provide(layerFresh)))
  }

  const seeds = seedCount === 1000 ? 1000 : 20
  it.live(
    `holds the invariants I1 to I4 and I6 in ${seeds} random schedules`,
    () =>
      Effect.forEach(
        Array.from({ length: seeds }, (_, index) => index + 1),
        (seed) =>
          Effect.flatMap(LedgerJournal, (journal) => checkLedgerSchedule(journal, { seed })).pipe(
            Effect.provide(layerFresh, { local: true })
          ),
        { discard: true }
      ),
    300_000
  )
})

const settledAndHeld = (journal: Journal) =>
  Effect.gen(function* () {
    let sum = 0n
    for (const budget of ["budget-1", "budget-2"]) {
      const { settled, reserved, held } = yield* journal.totals(budget)
      assert.strictEqual(reserved, 0n, "nothing is in flight after a crash")
      sum += settled + held
    }
    return sum
  })

describe("a journal that was cut off", () => {
  it.live(
    "opens, covers the true charge, has what was whole, and takes more",
    () =>
      Effect.gen(function* () {
        const file = yield* temporaryFile
        yield* withJournal(file, everyOperation)
        const whole = readFileSync(file)
        const truth = readTruth(whole)
        // Every byte of it is cut at, without a disk, in fileJournal/cut.test.ts.
        const cuts = Array.from({ length: 40 }, (_, index) => Math.floor((index * whole.length) / 39))
        for (const cut of cuts) {
          writeFileSync(file, whole.subarray(0, cut))
          yield* withJournal(file, (journal) =>
            Effect.gen(function* () {
              const sum = yield* settledAndHeld(journal)
              assert.isAtLeast(Number(sum), Number(truth.chargedBy(cut)), `cut at ${cut}`)
              const reply = yield* journal.settledReply("budget-1", keyOf("a"))
              assert.strictEqual(reply !== undefined, truth.settledBy("a", cut), `cut at ${cut}`)
              yield* journal.open("budget-1", 1_000n)
              assert.deepStrictEqual(yield* journal.admit([aReservation("later")]), [{ _tag: "Admitted" }])
            })
          )
          const held = yield* withJournal(file, (journal) => journal.held("budget-1"))
          assert.include(
            held.map(({ attemptId }) => attemptId),
            "later"
          )
        }
      }),
    60_000
  )

  it.live("opens with zeros or scraps of the last write after its whole groups", () =>
    Effect.gen(function* () {
      const file = yield* temporaryFile
      yield* withJournal(file, everyOperation)
      const whole = readFileSync(file)
      for (const scrap of ["\0\0\0\0\0\0", 'deadbeef {"op":"open"}\n', "\n", '{"op":"settle"', "ffffffff \n\n"]) {
        writeFileSync(file, Buffer.concat([whole, Buffer.from(scrap)]))
        const sum = yield* withJournal(file, settledAndHeld)
        assert.isTrue(sum > 60n)
        assert.isTrue(readFileSync(file).subarray(0, whole.length).equals(whole))
      }
    })
  )

  it.live("inside, before sound entries, is refused and left as it is", () =>
    Effect.gen(function* () {
      const file = yield* temporaryFile
      yield* withJournal(file, everyOperation)
      const bytes = readFileSync(file)
      const middle = bytes.indexOf('"op":"settle"')
      bytes[middle + 30] = (bytes[middle + 30] ?? 0) ^ 1
      writeFileSync(file, bytes)
      const refusal = yield* Effect.flip(withJournal(file, settledAndHeld))
      assert.strictEqual(refusal._tag, "FileJournalRefused")
      assert.include(refusal.message, "is damaged at byte")
      assert.isTrue(readFileSync(file).equals(bytes))
    })
  )

  it.live("that never was one of ours, or is newer, is refused and left as it is", () =>
    Effect.gen(function* () {
      const folder = yield* temporaryFolder
      const file = join(folder, "notes.txt")
      const newer = '00000000 {"op":"begin","format":2}\n\n'
      for (const [text, words] of [
        ["my notes\n\n", "is not a journal"],
        [newer, "a newer version (format 2)"]
      ] as const) {
        writeFileSync(file, text)
        const refusal = yield* Effect.flip(withJournal(file, settledAndHeld))
        assert.include(refusal.message, words)
        assert.strictEqual(readFileSync(file, "utf8"), text)
      }
    })
  )
})

describe("a journal on its disk", () => {
  it.live("has all that it confirmed when it is opened again, and holds what had no end", () =>
    Effect.gen(function* () {
      const file = yield* temporaryFile
      yield* withJournal(file, everyOperation)
      yield* withJournal(file, (journal) =>
        Effect.gen(function* () {
          assert.deepStrictEqual(yield* journal.totals("budget-1"), {
            limit: 1_000n,
            settled: 33n,
            reserved: 0n,
            held: 20n
          })
          assert.deepStrictEqual(yield* journal.totals("budget-2"), {
            limit: 50n,
            settled: 10n,
            reserved: 0n,
            held: 10n
          })
          const held = yield* journal.held("budget-1")
          assert.deepStrictEqual(
            held.map(({ attemptId }) => attemptId),
            ["g", "l"]
          )
          assert.include(held[0]?.reason, "ended before its reply was on record")
          const { charge } = (yield* journal.settledReply("budget-1", keyOf("e"))) ?? {}
          assert.deepStrictEqual(charge, { amount: 8n, source: "header", held: 0n })
          const [decision] = yield* journal.admit([aReservation("m", { key: keyOf("g"), budget: "budget-2" })])
          assert.deepStrictEqual(decision, { _tag: "InDoubt", attemptId: "g", bound: 10n })
        })
      )
    })
  )

  it.live("says after compaction what it said before, in fewer bytes", () =>
    Effect.gen(function* () {
      const file = yield* temporaryFile
      const body = "x".repeat(1_000)
      yield* withJournal(file, (journal) =>
        Effect.gen(function* () {
          yield* everyOperation(journal)
          for (let count = 0; count < 300; count++) {
            yield* journal.admit([aReservation(`r${count}`)])
            yield* journal.release(anEnd(`r${count}`))
          }
          yield* journal.admit([aReservation("z")])
          yield* journal.settle(aSettlement("z", 2n, { reply: { status: 200, headers: {}, body } }))
          yield* journal.hold(anEnd("g"))
          yield* journal.hold(anEnd("l"))
        })
      )
      const describeAll = (journal: Journal) =>
        Effect.gen(function* () {
          const names = "abcdefghijklz".split("")
          return {
            totals: [yield* journal.totals("budget-1"), yield* journal.totals("budget-2")],
            held: [yield* journal.held("budget-1"), yield* journal.held("budget-2")],
            replies: yield* Effect.forEach(names, (name) =>
              Effect.all([journal.settledReply("budget-1", keyOf(name)), journal.settledReply("budget-2", keyOf(name))])
            )
          }
        })
      const before = yield* withJournal(file, describeAll)
      const size = statSync(file).size
      const after = yield* withJournal(file, describeAll, 0)
      assert.deepStrictEqual(after, before)
      assert.isBelow(statSync(file).size, size / 4)
      assert.strictEqual(before.replies.at(-1)?.[0]?.reply.body, body)
      yield* withJournal(file, (journal) => journal.open("budget-1", 5n))
      assert.deepStrictEqual(readdirSync(join(file, "..")), ["journal.jsonl"])
    })
  )

  it.live("is readable for its owner alone, also when it was not before", () =>
    Effect.gen(function* () {
      const file = yield* temporaryFile
      yield* withJournal(file, everyOperation)
      assert.strictEqual(statSync(file).mode & 0o777, 0o600)
      chmodSync(file, 0o644)
      yield* withJournal(file, settledAndHeld, 0)
      assert.strictEqual(statSync(file).mode & 0o777, 0o600)
    })
  )

  it.live("brings what many callers ask for at once to the disk together", () =>
    Effect.gen(function* () {
      const file = yield* temporaryFile
      yield* withJournal(file, (journal) =>
        Effect.gen(function* () {
          yield* journal.open("budget-1", 10_000n)
          yield* Effect.forEach(
            Array.from({ length: 200 }, (_, index) => `n${index}`),
            (name) => Effect.andThen(journal.admit([aReservation(name)]), journal.settle(aSettlement(name, 1n))),
            { concurrency: "unbounded" }
          )
          assert.deepStrictEqual((yield* journal.totals("budget-1")).settled, 200n)
        })
      )
      assert.isBelow(readFileSync(file, "utf8").split("\n\n").length, 20)
    })
  )

  it.live("is whole when it is closed while callers are waiting, and has what they were told", () =>
    Effect.gen(function* () {
      const file = yield* temporaryFile
      const names = Array.from({ length: 1_500 }, (_, index) => `n${index}`)
      for (let round = 0; round < 5; round++) {
        const scope = yield* Scope.make()
        const journal = Context.get(yield* Layer.buildWithScope(layerFileJournal({ file }), scope), LedgerJournal)
        yield* journal.open("budget-1", 10n ** 9n)
        const admitted = new Set<string>()
        const callers = yield* Effect.forkChild(
          Effect.forEach(
            names,
            (name) => {
              const attemptId = `${round}${name}`
              return journal.admit([aReservation(attemptId, { key: `${attemptId}/key` })]).pipe(
                Effect.tap(() => Effect.sync(() => admitted.add(attemptId))),
                Effect.ignore
              )
            },
            { concurrency: "unbounded", discard: true }
          ),
          { startImmediately: true }
        )
        // Some rounds close before the first group is written, some in the middle of one.
        for (let turn = 0; turn < round; turn++) yield* Effect.promise(() => new Promise(setImmediate))
        yield* Scope.close(scope, Exit.void)
        yield* Fiber.join(callers)
        const held = yield* withJournal(file, (reopened) => reopened.held("budget-1"))
        const onRecord = new Set(held.map(({ attemptId }) => attemptId))
        for (const attemptId of admitted) assert.isTrue(onRecord.has(attemptId), attemptId)
      }
    })
  )

  it.live("fails every caller after a write that failed, and is right again when it is opened anew", () =>
    Effect.gen(function* () {
      const file = yield* temporaryFile
      const after = yield* withJournal(file, (journal) =>
        Effect.gen(function* () {
          yield* journal.open("budget-1", 100n)
          yield* journal.admit([aReservation("a")])
          // Larger than any buffer can be: the write fails before a byte of it is on disk.
          const body = {
            toJSON: () => {
              throw new Error("no room")
            }
          } as unknown as string
          const failure = yield* Effect.exit(
            journal.settle(aSettlement("a", 4n, { reply: { status: 200, headers: {}, body } }))
          )
          return [
            Exit.isFailure(failure),
            Exit.isFailure(yield* Effect.exit(journal.admit([aReservation("b")]))),
            Exit.isFailure(yield* Effect.exit(journal.totals("budget-1")))
          ]
        })
      )
      assert.deepStrictEqual(after, [true, true, true])
      const totals = yield* withJournal(file, (journal) => journal.totals("budget-1"))
      assert.deepStrictEqual(totals, { limit: 100n, settled: 0n, reserved: 0n, held: 10n })
    })
  )
})

describe("a journal that somebody has open", () => {
  it.live("is refused to another layer of the same process, until it is closed", () =>
    Effect.gen(function* () {
      const file = yield* temporaryFile
      yield* withJournal(file, () =>
        Effect.gen(function* () {
          const refusal = yield* Effect.flip(withJournal(file, settledAndHeld))
          assert.include(refusal.message, "is in use by this very process")
        })
      )
      yield* withJournal(file, settledAndHeld)
    })
  )

  it.live("is refused to another process while that one lives, and taken over when it was killed", () =>
    Effect.gen(function* () {
      const file = yield* temporaryFile
      const child = yield* startChild("holdJournal.ts", file)
      yield* Effect.callback<void>((resume) => {
        child.stdout.once("data", () => resume(Effect.void))
      })
      const refusal = yield* Effect.flip(withJournal(file, settledAndHeld))
      assert.include(refusal.message, `is in use by process ${child.pid}.`)
      yield* killed(child)
      const totals = yield* withJournal(file, (journal) => journal.totals("budget-1"))
      assert.deepStrictEqual(totals, { limit: 100n, settled: 4n, reserved: 0n, held: 10n })
      assert.deepStrictEqual(readdirSync(join(file, "..")), ["journal.jsonl"])
    })
  )

  it.live(
    "has, after its process was killed, every reply that was confirmed before",
    () =>
      Effect.gen(function* () {
        const file = yield* temporaryFile
        const child = yield* startChild("buyIntoJournal.ts", file)
        const confirmed: Array<string> = []
        yield* Effect.callback<void>((resume) => {
          createInterface({ input: child.stdout }).on("line", (line) => {
            if (confirmed.push(line) === 500) resume(Effect.void)
          })
        })
        yield* killed(child)
        yield* withJournal(file, (journal) =>
          Effect.gen(function* () {
            const { settled, reserved, held } = yield* journal.totals("budget-1")
            assert.strictEqual(reserved, 0n)
            assert.isTrue(settled >= 3n * BigInt(confirmed.length))
            assert.isTrue(held <= 16n * 10n)
            for (const name of confirmed) {
              assert.strictEqual((yield* journal.settledReply("budget-1", keyOf(name)))?.attemptId, name)
            }
          })
        )
      }),
    30_000
  )

  it.live("belongs to a process of another host as long as that one renews its claim", () =>
    Effect.gen(function* () {
      const file = yield* temporaryFile
      yield* withJournal(file, everyOperation)
      const claim = `${file}.4711.0badcafe-77.elsewhere.claim`
      writeFileSync(claim, "")
      const refusal = yield* Effect.flip(withJournal(file, settledAndHeld))
      assert.include(refusal.message, "is in use by process 4711 on elsewhere.")
      assert.notStrictEqual(hostname(), "elsewhere")
      const longAgo = statSync(claim).mtimeMs / 1000 - 121
      utimesSync(claim, longAgo, longAgo)
      yield* withJournal(file, settledAndHeld)
      assert.isFalse(existsSync(claim))
    })
  )
})

const startChild = (fixture: string, file: string) =>
  Effect.acquireRelease(
    Effect.sync(() => {
      const program = fileURLToPath(new URL(`support/${fixture}`, import.meta.url))
      return spawn(process.execPath, [program, file], { stdio: ["pipe", "pipe", "inherit"] })
    }),
    killed
  )

const killed = (child: ChildProcess) =>
  Effect.callback<void>((resume) => {
    if (child.exitCode !== null || child.signalCode !== null) return resume(Effect.void)
    child.once("exit", () => resume(Effect.void))
    child.kill("SIGKILL")
  })
