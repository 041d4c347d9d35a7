import { mkdtempSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { layerFileJournal } from "../../src/FileJournal.ts"
import { makeGroupReader } from "../../src/fileJournal/groups.ts"
import { LedgerState } from "../../src/fileJournal/LedgerState.ts"
import { LedgerJournal } from "../../src/index.ts"
import { checkLedgerSchedule } from "../../src/testing.ts"
import { forSeeds } from "../support/seeds.ts"
import { everyOperation } from "./everyOperation.ts"
import { readTruth } from "./readTruth.ts"

/** The bytes that a journal has after some use. */
const bytesAfter = <E>(use: (journal: LedgerJournal["Service"]) => Effect.Effect<void, E>) =>
  Effect.acquireUseRelease(
    Effect.sync(() => mkdtempSync(join(tmpdir(), "assay-journal-"))),
    (folder) => {
      const file = join(folder, "journal.jsonl")
      return Effect.flatMap(LedgerJournal, use).pipe(
        Effect.provide(layerFileJournal({ file }), { local: true }),
        Effect.andThen(Effect.sync(() => readFileSync(file)))
      )
    },
    (folder) => Effect.sync(() => rmSync(folder, { recursive: true }))
  )

/** Reads a journal that ends after so many bytes, in chunks of a size: how it ends, and what it binds in all. */
const replay = (bytes: Buffer, chunk: number) => {
  const state = new LedgerState()
  const reader = makeGroupReader((lines) => {
    for (const { operation } of lines) state.apply(operation, { place: undefined, waiting: undefined })
  })
  for (let start = 0; start < bytes.length; start += chunk) reader.push(bytes.subarray(start, start + chunk))
  const { end, wholeBytes } = reader.finish()
  let bound = 0n
  for (const { settled, reserved, held } of state.budgets.values()) bound += settled + reserved + held
  return { end, wholeBytes, bound }
}

describe("a journal that was cut off", () => {
  it.live("at any byte is read, and covers the true charge of that moment", () =>
    Effect.gen(function* () {
      const whole = yield* bytesAfter(everyOperation)
      const truth = readTruth(whole)
      assert.isTrue(truth.chargedBy(whole.length) > 50n)
      for (let cut = 0; cut <= whole.length; cut++) {
        const { bound, end, wholeBytes } = replay(whole.subarray(0, cut), 1 + (cut % 97))
        assert.isTrue(bound >= truth.chargedBy(cut), `cut at ${cut}: ${bound} < ${truth.chargedBy(cut)}`)
        assert.notStrictEqual(end, "damaged", `cut at ${cut}`)
        assert.isAtMost(wholeBytes, cut)
      }
    })
  )

  it.live(
    "at random bytes of long journals is read, and covers the true charge of that moment",
    () =>
      Effect.gen(function* () {
        for (const seed of [1, 2, 3]) {
          const whole = yield* bytesAfter((journal) =>
            checkLedgerSchedule(journal, { seed, steps: 1_000, limit: 10_000n })
          )
          const truth = readTruth(whole)
          forSeeds((luck) => {
            const cut = luck.int(whole.length + 1)
            const { bound, end } = replay(whole.subarray(0, cut), 1 + luck.int(70_000))
            assert.isTrue(bound >= truth.chargedBy(cut), `cut at ${cut}: ${bound} < ${truth.chargedBy(cut)}`)
            assert.notStrictEqual(end, "damaged", `cut at ${cut}`)
          })
        }
      }),
    120_000
  )

  it.live("and overwritten from there on is read, and covers the true charge of that moment", () =>
    Effect.gen(function* () {
      const whole = yield* bytesAfter(everyOperation)
      const truth = readTruth(whole)
      forSeeds((luck) => {
        const cut = luck.int(whole.length)
        const scrap = Buffer.from(Array.from({ length: luck.int(40) }, () => luck.int(256)))
        const { bound, end } = replay(Buffer.concat([whole.subarray(0, cut), scrap]), 64)
        assert.isTrue(bound >= truth.chargedBy(cut))
        assert.notStrictEqual(end, "damaged")
      })
    })
  )
})
