import { spawn } from "node:child_process"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import process from "node:process"
import { createInterface } from "node:readline"
import { fileURLToPath } from "node:url"
import { Ledger, LedgerJournal, openAiCompatible } from "@assay/core"
import { type BatchResult, runBatch } from "@assay/core/batch"
import { layer as layerNetwork } from "@assay/core/node"
import { type BatchFault, type Simulator, startSimulator } from "@assay/simulator"
import { layerStore } from "@assay/store"
import { Effect, Layer, Redacted } from "effect"
import { describe, expect, it, onTestFinished } from "vitest"
import { questions } from "./batch/questions.ts"

const start = async (faults: ReadonlyArray<BatchFault> = [], runningMs = 100): Promise<Simulator> => {
  const simulator = await startSimulator({
    strict: true,
    batchPace: { validatingMs: 5, runningMs, finalizingMs: 5 },
    batchFaults: { 0: faults }
  })
  onTestFinished(() => simulator.close())
  return simulator
}

const database = (): string => {
  const folder = mkdtempSync(join(tmpdir(), "assay-batch-"))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  return join(folder, "assay.db")
}

/** A batch through the real network, on a ledger in SQLite; what the ledger says in the end. */
const run = (file: string, simulator: Simulator, count: number, limit = 10n ** 13n) =>
  Effect.gen(function* () {
    const { results } = yield* runBatch(questions(count), {
      provider: openAiCompatible(Redacted.make(simulator.apiKey), simulator.url, "openai"),
      pollInterval: "20 millis",
      listGrace: "100 millis"
    })
    const journal = yield* LedgerJournal
    return { results, totals: yield* journal.totals("run"), held: yield* journal.held("run") }
  }).pipe(
    Effect.provide(
      Ledger.layer({ budget: "run", limit }).pipe(
        Layer.provideMerge(layerStore({ file })),
        Layer.provideMerge(layerNetwork)
      )
    ),
    Effect.runPromise
  )

const tell = (result: BatchResult) => (result._tag === "Completed" ? "Completed" : result.error._tag)
const tally = (results: ReadonlyArray<BatchResult>) =>
  Object.fromEntries(Array.from(Map.groupBy(results, tell), ([tag, group]) => [tag, group.length]))

describe("a batch on the simulator, on a ledger in SQLite", () => {
  it("settles to the last digit what the account was charged, in few requests", async () => {
    const simulator = await start()
    const { results, totals, held } = await run(database(), simulator, 300)
    expect(tally(results)).toEqual({ Completed: 300 })
    expect(totals).toMatchObject({ settled: simulator.account.spent, reserved: 0n, held: 0n })
    expect(held).toEqual([])
    expect([simulator.batches, simulator.account.charges, simulator.calls]).toEqual([1, 300, 0])
    expect(simulator.violations).toEqual([])
  })

  it("splits a batch that the budget cannot carry, and never passes it", async () => {
    const simulator = await start()
    const limit = 60_000_000_000n
    const { results, totals } = await run(database(), simulator, 100, limit)
    expect(tally(results)).toEqual({ Completed: 100 })
    expect(simulator.batches).toBeGreaterThan(1)
    expect(totals.settled).toBe(simulator.account.spent)
    expect(totals.settled).toBeLessThanOrEqual(limit)
  })

  const fates: ReadonlyArray<readonly [string, ReadonlyArray<BatchFault>, Readonly<Record<string, number>>, number]> = [
    ["lost in both files", [{ _tag: "LineMissing", line: 3 }], { Completed: 9, CallInDoubt: 1 }, 1],
    [
      "told twice, between blank lines",
      [{ _tag: "LineDuplicated", line: 3 }, { _tag: "BlankLines" }],
      { Completed: 10 },
      0
    ],
    ["refused by itself", [{ _tag: "LineRejected", line: 3 }], { Completed: 9, RequestRejected: 1 }, 0],
    ["all refused", [{ _tag: "AllRejected" }], { RequestRejected: 10 }, 0],
    ["cut by the window", [{ _tag: "Expired", completed: 4 }], { Completed: 4, LineNotRun: 6 }, 0],
    ["of a file that is not valid", [{ _tag: "ValidationFailed" }], { BatchRejected: 10 }, 0],
    ["whose creation was not answered", [{ _tag: "CreateLost", visibleAfterMs: 50 }], { Completed: 10 }, 0],
    ["whose creation did not arrive", [{ _tag: "CreateReset" }], { Completed: 10 }, 0]
  ]
  it.each(fates)("has lines %s", async (_name, faults, expected, holds) => {
    const simulator = await start(faults)
    const { results, totals, held } = await run(database(), simulator, 10)
    expect(tally(results)).toEqual(expected)
    expect(held).toHaveLength(holds)
    expect(simulator.batches).toBe(1)
    expect(simulator.account.charges).toBe((expected["Completed"] ?? 0) + holds)
    if (holds === 0) expect(totals).toMatchObject({ settled: simulator.account.spent, held: 0n })
    expect(totals.settled + totals.held).toBeGreaterThanOrEqual(simulator.account.spent)
  })

  it("is on record: asked for again, it sends nothing", async () => {
    const simulator = await start()
    const file = database()
    const first = await run(file, simulator, 10)
    const second = await run(file, simulator, 10)
    expect(tally(second.results)).toEqual({ Completed: 10 })
    expect(second.totals).toEqual(first.totals)
    expect(simulator.batches).toBe(1)
  })
})

const buyer = fileURLToPath(new URL("batch/buyInBatch.ts", import.meta.url))

/** Kills a buying process with SIGKILL as soon as it, or the simulator, has come so far. */
const killedBuyer = async (file: string, simulator: Simulator, count: number, until: (line: string) => boolean) => {
  const child = spawn(process.execPath, [buyer, file, simulator.url, simulator.apiKey, String(count)], {
    stdio: ["ignore", "pipe", "inherit"]
  })
  const gone = new Promise<string | null>((resolve) => child.once("exit", (_code, signal) => resolve(signal)))
  for await (const line of createInterface({ input: child.stdout })) {
    if (until(line)) child.kill("SIGKILL")
  }
  return gone
}

describe("a process that is killed while it buys a batch", () => {
  it.each([
    ["right after its creation", () => true],
    ["in the middle of it", (line: string) => Number(line.split(" ")[1]) > 0],
    ["while it settles", (line: string) => line.startsWith("completed")]
  ])("%s leaves all that was charged on record or held, and the next one goes on", async (name, until) => {
    const simulator = await start([], 400)
    const file = database()
    const signal = await killedBuyer(file, simulator, 60, until)
    // Settling takes but a few milliseconds, so there the process may have been faster than its end.
    if (name !== "while it settles") expect(signal).toBe("SIGKILL")
    const { results, totals, held } = await run(file, simulator, 60)
    expect(tally(results)).toEqual({ Completed: 60 })
    expect([simulator.batches, simulator.account.charges]).toEqual([1, 60])
    expect(totals).toMatchObject({ settled: simulator.account.spent, reserved: 0n, held: 0n })
    expect(held).toEqual([])
  })
})
