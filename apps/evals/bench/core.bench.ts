import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { parseArgs } from "node:util"
import { layerLedgerJournalMemory } from "@assay/core"
import { layerStore } from "@assay/store"
import {
  bareLoad,
  clientLoad,
  interleaved,
  median,
  type Sample,
  startSimulatorProcess
} from "./load/againstSimulator.ts"

// What a call through the whole client costs this process, over the ledger in SQLite (synchronous=FULL) and in memory,
// against a bare undici `request` loop in the same rounds; the simulator runs in a process of its own.
//   node bench/core.bench.ts [--n 8000] [--rounds 5] [--json]
const { values: flags } = parseArgs({
  options: {
    n: { type: "string", default: "8000" },
    rounds: { type: "string", default: "5" },
    json: { type: "boolean", default: false }
  }
})
const calls = Number(flags.n)
const rounds = Number(flags.rounds)
/** CPU of the client over that of the bare loop, at most. */
const cpuBars = { sqlite: 2.5, memory: 2 }
/** Throughput of the client over that of the bare loop, at least. */
const throughputBar = 0.92

let missed = false
const say = (text: string) => process.stdout.write(`${text}\n`)

const report = (
  measure: string,
  value: number,
  unit: string,
  bar?: { readonly value: number; readonly ok: boolean }
) => {
  if (bar?.ok === false) missed = true
  if (flags.json) {
    say(
      JSON.stringify({
        measure,
        value: Number(value.toPrecision(4)),
        unit,
        bar: bar?.value ?? null,
        ok: bar?.ok ?? true
      })
    )
  } else {
    const verdict = bar === undefined ? "" : `  bar ${bar.value}: ${bar.ok ? "met" : "MISSED"}`
    say(`${measure.padEnd(58)} ${value.toPrecision(4)} ${unit}${verdict}`)
  }
}

/** All loads against a simulator of this latency; a ratio is of neighbours in a round, so that noise cancels. */
const compare = async (latencyMillis: number, concurrency: number, calls: number) => {
  const folder = mkdtempSync(join(tmpdir(), "assay-bench-"))
  const simulator = await startSimulatorProcess(latencyMillis)
  const bare = bareLoad(simulator)
  const sqlite = clientLoad(simulator, layerStore({ file: join(folder, "ledger.db") }), concurrency)
  const memory = clientLoad(simulator, layerLedgerJournalMemory, concurrency)
  const loads = { bare: bare.load, sqlite: sqlite.load, memory: memory.load }
  const samples = await interleaved(loads, { calls, concurrency, rounds })
  await Promise.all([sqlite.close(), memory.close(), bare.close()])
  simulator.stop()
  rmSync(folder, { recursive: true })
  return (name: keyof typeof loads) => samples[name] ?? []
}

const ratio = (of: "cpu" | "rate", client: ReadonlyArray<Sample>, bare: ReadonlyArray<Sample>) =>
  median(client.map((sample, round) => sample[of] / (bare[round]?.[of] ?? Number.NaN)))

const journals = { sqlite: "SQLite", memory: "memory" } as const

const busy = await compare(0, 64, calls)
report("bare undici request, zero latency, 64 in flight", median(busy("bare").map(({ cpu }) => cpu)), "ms CPU/call")
for (const name of ["sqlite", "memory"] as const) {
  const bar = cpuBars[name]
  const over = ratio("cpu", busy(name), busy("bare"))
  report(`client, ledger in ${journals[name]}`, median(busy(name).map(({ cpu }) => cpu)), "ms CPU/call")
  report(`client, ledger in ${journals[name]}, CPU over bare`, over, "×", { value: bar, ok: over <= bar })
}

const waiting = await compare(50, 256, Math.max(5120, calls))
report("bare undici request, 50 ms, 256 in flight", median(waiting("bare").map(({ rate }) => rate)), "calls/s")
for (const name of ["sqlite", "memory"] as const) {
  const over = ratio("rate", waiting(name), waiting("bare"))
  report(`client, ledger in ${journals[name]}`, median(waiting(name).map(({ rate }) => rate)), "calls/s")
  report(`client, ledger in ${journals[name]}, throughput over bare`, over, "×", {
    value: throughputBar,
    ok: over >= throughputBar
  })
}

if (missed) process.exitCode = 1
