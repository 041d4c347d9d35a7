import { execFileSync } from "node:child_process"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { LedgerJournal } from "@assay/core"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Exit } from "effect"
import { layerStore } from "../src/index.ts"
import { assertLedgerAddsUp } from "./ledgerAddsUp.ts"
import { aReservation, aSettlement, bodyWith, keyOf } from "./records.ts"

const mount = (folder: string, options: string) =>
  execFileSync("mount", ["-t", "tmpfs", "-o", options, "assay-test", folder], { stdio: "ignore" })

const unmount = (folder: string) => execFileSync("umount", [folder], { stdio: "ignore" })

/** Only root may mount, and not everywhere. */
const canMount = ((): boolean => {
  const folder = mkdtempSync(join(tmpdir(), "assay-mount-"))
  try {
    mount(folder, "size=1m")
    unmount(folder)
    return true
  } catch {
    return false
  } finally {
    rmSync(folder, { recursive: true })
  }
})()

/** A disk of two megabytes, and a way to make it larger. */
const smallDisk = Effect.acquireRelease(
  Effect.sync(() => {
    const folder = mkdtempSync(join(tmpdir(), "assay-disk-"))
    mount(folder, "size=2m")
    return { folder, enlarge: () => mount(folder, "remount,size=64m") }
  }),
  ({ folder }) =>
    Effect.sync(() => {
      unmount(folder)
      rmSync(folder, { recursive: true })
    })
)

describe("a store on a full disk", () => {
  it.live.skipIf(!canMount)(
    "fails all of a commit that does not fit, keeps the rest, and goes on when there is room",
    () =>
      Effect.gen(function* () {
        const disk = yield* smallDisk
        const file = join(disk.folder, "assay.db")
        const program = Effect.gen(function* () {
          const journal = yield* LedgerJournal
          yield* journal.open("budget-1", 10n ** 12n)
          const body = bodyWith("x".repeat(20_000))
          const buy = (name: string) =>
            Effect.gen(function* () {
              yield* journal.admit([aReservation(name, { key: keyOf(name) })])
              yield* journal.settle(aSettlement(name, 3n, { reply: { status: 200, headers: {}, body } }))
            })
          const exits = new Map<string, Exit.Exit<void, unknown>>()
          const buyAll = (round: number) =>
            Effect.forEach(
              Array.from({ length: 8 }, (_, lane) => `${round}-${lane}`),
              (name) => Effect.map(Effect.exit(buy(name)), (exit) => exits.set(name, exit)),
              { concurrency: "unbounded", discard: true }
            )
          for (let round = 0; round < 40; round++) yield* buyAll(round)

          const succeeded = Array.from(exits).flatMap(([name, exit]) => (Exit.isSuccess(exit) ? [name] : []))
          const failed = Array.from(exits.values()).filter(Exit.isFailure)
          assert.isTrue(succeeded.length > 0 && failed.length > 0, `${succeeded.length} and ${failed.length}`)
          assert.include(String(failed[0]?.cause), "JournalFailed")
          assert.include(String(failed[0]?.cause), "full")
          for (const name of succeeded) {
            assert.strictEqual((yield* journal.settledReply("budget-1", keyOf(name)))?.reply.body, body)
          }
          assert.strictEqual((yield* journal.totals("budget-1")).settled, 3n * BigInt(succeeded.length))

          disk.enlarge()
          yield* buyAll(1_000)
          assert.isTrue(Exit.isSuccess(exits.get("1000-0") ?? Exit.void))
          return { before: succeeded.length, now: (yield* journal.totals("budget-1")).settled }
        })
        const { before, now } = yield* Effect.provide(program, layerStore({ file }))
        assert.strictEqual(now, 3n * BigInt(before + 8))
        assertLedgerAddsUp(file)
      })
  )
})
