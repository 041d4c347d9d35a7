import type { RunSnapshot, VariantTotals } from "@assay/harness"
import { clip, displayWidth } from "./displayWidth.ts"
import { fitLine, segment } from "./fitLine.ts"
import { label } from "./label.ts"
import { creditsText, durationText, formatInterval, formatPassRate } from "./numbers.ts"
import type { Style, Tone } from "./style.ts"
import { layoutTable, type TableColumn, type TableLayout, tableHead, tableRow } from "./table.ts"
import { wrapText } from "./wrapText.ts"

/** Stands under every table of a simulated run. */
export const simulatedSentence =
  "simulated: replies come from the built-in simulator; any difference between prompts is programmed in"

/**
 * What a run found: a row for each variant under its suite, then the money and the time.
 *
 * A rate stands with its 95 % interval and its n. Unscored trials are outside n and counted beside it. `columns` from 60;
 * below that lines are clipped.
 */
export const resultTable = (
  snapshot: RunSnapshot,
  { columns, style }: { readonly columns: number; readonly style: Style }
): ReadonlyArray<string> => {
  const rows = snapshot.variants
  const { layout, hasLegend } = chooseLayout(rows, columns, style)
  const rule = style.paint("dim", style.glyphs.rule.repeat(Math.min(columns, layout.width)))
  return [
    tableHead(layout, style),
    ...suitesOf(rows).flatMap((suite) => [
      style.paint("strong", clip(label(suite, style.glyphs), columns, style.glyphs.ellipsis)),
      ...rows.filter((row) => row.suite === suite).flatMap((row) => variantLines(row, layout, columns, style))
    ]),
    rule,
    ...(hasLegend ? [legend(columns, style)] : []),
    ...totalLines(snapshot, columns, style),
    ...(snapshot.run.simulated ? wrapText(simulatedSentence, columns).map((line) => style.paint("unscored", line)) : [])
  ]
}

/** A name that its column would cut stands on a line of its own: two variants may differ in their last letters only. */
const variantLines = (
  row: VariantTotals,
  layout: TableLayout<VariantTotals>,
  columns: number,
  style: Style
): ReadonlyArray<string> => {
  const name = variantName(row, style)
  const room = layout.columns[0]?.width ?? 0
  if (displayWidth(name) <= room) return [tableRow(layout, row, style)]
  return [clip(name, columns, style.glyphs.ellipsis), tableRow(layout, { ...row, variant: "" }, style)]
}

const variantName = (row: VariantTotals, { glyphs }: Style): string => `  ${label(row.variant, glyphs)}`

/** Heads in words where they fit with every name whole; else signs, explained below the table. */
const chooseLayout = (
  rows: ReadonlyArray<VariantTotals>,
  width: number,
  style: Style
): { readonly layout: TableLayout<VariantTotals>; readonly hasLegend: boolean } => {
  const { glyphs } = style
  const words = tableColumns(rows, style, { passed: "passed", failed: "failed", unscored: "unscored" })
  const inWords = layoutTable(words.map(kept), rows, { width, shortestName: Number.POSITIVE_INFINITY })
  if (inWords !== undefined) return { layout: inWords, hasLegend: false }
  const signs = tableColumns(rows, style, glyphs)
  const inSigns =
    layoutTable(signs, rows, { width, shortestName: 14 }) ?? layoutTable(signs, rows, { width: 60, shortestName: 1 })
  return { layout: inSigns ?? { columns: [], width: 0 }, hasLegend: true }
}

const kept = <Row>(column: TableColumn<Row>): TableColumn<Row> => ({ ...column, drop: 0 })

type Heads = { readonly passed: string; readonly failed: string; readonly unscored: string }

const tableColumns = (
  rows: ReadonlyArray<VariantTotals>,
  style: Style,
  heads: Heads
): ReadonlyArray<TableColumn<VariantTotals>> => {
  const { glyphs } = style
  return [
    { head: "", align: "left", cell: (row) => variantName(row, style), tone: plain, drop: 0 },
    { head: "pass", align: "right", cell: (row) => formatPassRate(row, glyphs), tone: strong, drop: 0 },
    { head: "95% interval", align: "left", cell: (row) => formatInterval(row, glyphs), tone: plain, drop: 0 },
    { head: "n", align: "right", cell: (row) => `${row.passed + row.failed}`, tone: plain, drop: 0 },
    { head: heads.passed, align: "right", cell: (row) => `${row.passed}`, tone: plain, drop: 2 },
    { head: heads.failed, align: "right", cell: (row) => `${row.failed}`, tone: toned("failed"), drop: 0 },
    { head: heads.unscored, align: "right", cell: (row) => `${row.unscored}`, tone: toned("unscored"), drop: 0 },
    ...(rows.some((row) => trialsLeft(row) > 0) ? [notRunColumn] : []),
    { head: "credits", align: "right", cell: (row) => creditsText(row.cost), tone: plain, drop: 0 },
    {
      head: "median",
      align: "right",
      cell: (row) => (row.medianLatencyMillis === undefined ? glyphs.absent : durationText(row.medianLatencyMillis)),
      tone: dim,
      drop: 3
    }
  ]
}

const notRunColumn: TableColumn<VariantTotals> = {
  head: "not run",
  align: "right",
  cell: (row) => `${trialsLeft(row)}`,
  tone: () => "dim",
  drop: 1
}

const plain = (): Tone => "plain"
const strong = (): Tone => "strong"
const dim = (): Tone => "dim"
const toned =
  (outcome: "failed" | "unscored") =>
  (row: VariantTotals): Tone =>
    row[outcome] > 0 ? outcome : "dim"

const trialsLeft = (row: VariantTotals): number => Math.max(0, row.planned - row.passed - row.failed - row.unscored)

const suitesOf = (rows: ReadonlyArray<VariantTotals>): ReadonlyArray<string> => [
  ...new Set(rows.map((row) => row.suite))
]

const legend = (columns: number, style: Style): string => {
  const { passed, failed, unscored } = style.glyphs
  const text = `${passed} passed  ${failed} failed  ${unscored} unscored, outside n`
  return fitLine([segment(0, text, "dim")], { columns, style })
}

/** How it ended, then money and time, each whole: the lines break between facts, never inside one. */
const totalLines = (snapshot: RunSnapshot, columns: number, style: Style): ReadonlyArray<string> => {
  const { done, doneHere, ended, ledger, run } = snapshot
  const isCalm = ended === undefined || (ended.status === "completed" && ended.reason === undefined)
  const status = ended?.status ?? "running"
  const outcome = ended?.reason === undefined ? status : `${status}: ${label(ended.reason, style.glyphs)}`
  const facts = [
    isCalm ? status : "",
    `${done} of ${run.trials} trials`,
    `spent ${creditsText(ledger.settled)} of ${creditsText(ledger.limit)} cr`,
    ledger.held === 0n ? "" : `held ${creditsText(ledger.held)} cr`,
    durationText(Math.max(0, snapshot.updatedAt - snapshot.startedAt)),
    doneHere < done ? `resumed: ${done - doneHere === 1 ? "1 trial" : `${done - doneHere} trials`} from earlier` : ""
  ].filter((fact) => fact !== "")
  return [
    ...(isCalm ? [] : wrapText(outcome, columns).map((line) => style.paint("unscored", line))),
    ...packed(facts, columns)
  ]
}

const packed = (facts: ReadonlyArray<string>, columns: number): ReadonlyArray<string> => {
  const lines: Array<string> = []
  for (const fact of facts) {
    const longer = `${lines.at(-1) ?? ""}   ${fact}`
    if (lines.length > 0 && longer.length <= columns) lines[lines.length - 1] = longer
    else lines.push(fact)
  }
  return lines
}
