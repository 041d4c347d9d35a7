import { clip, displayWidth, padEnd, padStart } from "./displayWidth.ts"
import type { Style, Tone } from "./style.ts"

/** One column of a table: names to the left, numbers to the right. */
export interface TableColumn<Row> {
  readonly head: string
  readonly align: "left" | "right"
  readonly cell: (row: Row) => string
  readonly tone: (row: Row) => Tone
  /** Columns with the highest number leave first when the table is too wide; 0 stays. */
  readonly drop: number
}

/** Columns that fit, with the cells they get. */
export interface TableLayout<Row> {
  readonly columns: ReadonlyArray<{ readonly column: TableColumn<Row>; readonly width: number }>
  /** Cells in all, gaps included. */
  readonly width: number
}

/**
 * Chooses the columns: each as wide as its longest cell, the first shrinks down to `shortestName` before another leaves.
 *
 * Undefined when even the columns that must stay do not fit beside `shortestName` cells of the first.
 */
export const layoutTable = <Row>(
  columns: ReadonlyArray<TableColumn<Row>>,
  rows: ReadonlyArray<Row>,
  { width, shortestName }: { readonly width: number; readonly shortestName: number }
): TableLayout<Row> | undefined => {
  const [name, ...numbers] = columns.map((column) => ({ column, width: widest(column, rows) }))
  if (name === undefined) return undefined
  const taken = numbers.reduce((sum, one) => sum + one.width + 2, 0)
  if (width - taken >= Math.min(name.width, shortestName)) {
    const nameWidth = Math.min(name.width, width - taken)
    return { columns: [{ ...name, width: nameWidth }, ...numbers], width: nameWidth + taken }
  }
  const first = Math.max(...columns.map((column) => column.drop))
  if (first === 0) return undefined
  return layoutTable(
    columns.filter((column) => column.drop !== first),
    rows,
    { width, shortestName }
  )
}

/** The line of heads. */
export const tableHead = <Row>({ columns }: TableLayout<Row>, style: Style): string =>
  style.paint(
    "dim",
    columns
      .map(({ column, width }) => aligned(column.head, column, width, style))
      .join("  ")
      .trimEnd()
  )

/** One line. */
export const tableRow = <Row>({ columns }: TableLayout<Row>, row: Row, style: Style): string =>
  columns
    .map(({ column, width }) => style.paint(column.tone(row), aligned(column.cell(row), column, width, style)))
    .join("  ")

const aligned = <Row>(text: string, { align }: TableColumn<Row>, width: number, { glyphs }: Style): string =>
  align === "left"
    ? padEnd(clip(text, width, glyphs.ellipsis), width)
    : padStart(clip(text, width, glyphs.ellipsis), width)

const widest = <Row>(column: TableColumn<Row>, rows: ReadonlyArray<Row>): number =>
  Math.max(displayWidth(column.head), ...rows.map((row) => displayWidth(column.cell(row))))
