import { formatCredits, parseCredits } from "@assay/core"
import { type RunRecord, RunStore, type VariantTotals } from "@assay/harness"
import {
  clip,
  creditsText,
  formatInterval,
  formatPassRate,
  layoutTable,
  type Style,
  type TableColumn,
  tableHead,
  tableRow
} from "@assay/tui/text"
import { DateTime, Effect } from "effect"
import { Screen } from "../Screen.ts"
import { openStoreForReading } from "./openStore.ts"

/** The newest runs with their pass rates and credits: `assay list`. */
export const listRuns = Effect.fn("listRuns")(function* (options: {
  readonly limit: number
  readonly database: string | undefined
  readonly json: boolean
}) {
  const layer = yield* openStoreForReading(options.database)
  const runs = yield* Effect.gen(function* () {
    const store = yield* RunStore
    const found = yield* store.listRuns(options.limit)
    return yield* Effect.forEach(found, (run) => Effect.map(store.totals(run.id), (totals) => summarise(run, totals)))
  }).pipe(
    Effect.provide(layer),
    Effect.catchIf(
      (error) => error._tag === "DatabaseRefused" && error.reason === "Absent" && options.database === undefined,
      () => Effect.succeed([])
    )
  )
  const { columns, out, style } = yield* Screen
  if (options.json) return yield* out(JSON.stringify(runs, null, 2))
  if (runs.length === 0) return yield* out("No runs yet. Start with: assay run --limit 5")
  for (const line of runsTable(runs, columns, style)) yield* out(line)
})

interface RunSummary {
  readonly id: string
  readonly created_at: string
  readonly status: string
  readonly provider: string
  readonly simulated: boolean
  readonly suites: ReadonlyArray<string>
  readonly passed: number
  readonly n: number
  readonly unscored: number
  readonly trials: number
  readonly credits: string
  readonly budget_credits: string
}

const summarise = (run: RunRecord, totals: ReadonlyArray<VariantTotals>): RunSummary => {
  const sum = (read: (row: VariantTotals) => number) => totals.reduce((total, row) => total + read(row), 0)
  return {
    id: run.id,
    created_at: DateTime.formatIso(DateTime.makeUnsafe(run.createdAt)),
    status: run.status,
    provider: run.provider,
    simulated: run.simulated,
    suites: run.suites.map(({ name }) => name),
    passed: sum((row) => row.passed),
    n: sum((row) => row.passed + row.failed),
    unscored: sum((row) => row.unscored),
    trials: run.trials,
    credits: formatCredits(totals.reduce((total, row) => total + row.cost, 0n)),
    budget_credits: formatCredits(run.budget)
  }
}

const runsTable = (runs: ReadonlyArray<RunSummary>, columns: number, style: Style): ReadonlyArray<string> => {
  const counts = ({ passed, n }: RunSummary) => ({ passed, failed: n - passed })
  const column = (
    head: string,
    align: "left" | "right",
    cell: (run: RunSummary) => string,
    drop = 0
  ): TableColumn<RunSummary> => ({ head, align, cell, drop, tone: () => "plain" })
  const table = [
    column("run", "left", ({ id }) => id),
    column("when (UTC)", "left", ({ created_at }) => created_at.slice(5, 16).replace("T", " ")),
    column("suites", "left", ({ suites }) => clip(suites.join(", "), 18, style.glyphs.ellipsis), 3),
    column("status", "left", ({ status }) => status),
    column("pass", "right", (run) => formatPassRate(counts(run), style.glyphs)),
    column("95 %", "right", (run) => formatInterval(counts(run), style.glyphs), 2),
    column("n", "right", ({ n, trials }) => `${n}/${trials}`),
    column("credits", "right", ({ credits }) => creditsText(parseCredits(credits) ?? 0n)),
    column("provider", "left", ({ provider, simulated }) => (simulated ? "simulated" : provider), 1)
  ]
  const layout = layoutTable(table, runs, { width: columns, shortestName: 8 })
  if (layout === undefined) return runs.map(({ id, status }) => clip(`${id} ${status}`, columns, style.glyphs.ellipsis))
  return [tableHead(layout, style), ...runs.map((run) => tableRow(layout, run, style).trimEnd())]
}
