import { parseArgs } from "node:util"
import { layerLedgerJournalMemory } from "../src/index.ts"
import {
  bareLoad,
  clientLoad,
  interleaved,
  median,
  type Sample,
  startSimulatorProcess
} from "./load/againstSimulator.ts"

// What a call through the whole client costs this process, over the memory journal, against a bare undici `request` loop
// in the same rounds; the simulator runs in a process of its own. The store's bench has the SQLite journal.
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
const cpuBar = 2
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

/** Both loads against a simulator of this latency; the ratio is of neighbours in a round, so that noise cancels. */
const compare = async (latencyMillis: number, concurrency: number, calls: number) => {
  const simulator = await startSimulatorProcess(latencyMillis)
  const bare = bareLoad(simulator)
  const client = clientLoad(simulator, layerLedgerJournalMemory, concurrency)
  const samples = await interleaved({ bare: bare.load, client: client.load }, { calls, concurrency, rounds })
  await client.close()
  await bare.close()
  simulator.stop()
  return { bare: samples["bare"] ?? [], client: samples["client"] ?? [] }
}

const ratios = (of: "cpu" | "rate", client: ReadonlyArray<Sample>, bare: ReadonlyArray<Sample>) =>
  median(client.map((sample, round) => sample[of] / (bare[round]?.[of] ?? Number.NaN)))

const busy = await compare(0, 64, calls)
const cpuRatio = ratios("cpu", busy.client, busy.bare)
report("bare undici request, zero latency, 64 in flight", median(busy.bare.map(({ cpu }) => cpu)), "ms CPU/call")
report("client over the memory journal, the same", median(busy.client.map(({ cpu }) => cpu)), "ms CPU/call")
report("client over the memory journal, CPU over bare", cpuRatio, "×", { value: cpuBar, ok: cpuRatio <= cpuBar })

const waiting = await compare(50, 256, Math.max(5120, calls))
const rateRatio = ratios("rate", waiting.client, waiting.bare)
report("bare undici request, 50 ms latency, 256 in flight", median(waiting.bare.map(({ rate }) => rate)), "calls/s")
report("client over the memory journal, the same", median(waiting.client.map(({ rate }) => rate)), "calls/s")
report("client over the memory journal, throughput over bare", rateRatio, "×", {
  value: throughputBar,
  ok: rateRatio >= throughputBar
})

if (missed) process.exitCode = 1
