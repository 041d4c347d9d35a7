import { formatCredits } from "@assay/core"
import { clip, durationText, layoutTable, type Style, type TableColumn, tableHead, tableRow } from "@assay/tui/text"
import { DateTime } from "effect"
import type { HeldRow } from "./readHeld.ts"
import { exhaustedInMillis, type Pace } from "./readPace.ts"
import type { SpendRow } from "./readSpend.ts"

/** All that `assay credits` has to say. Amounts in pico-credits, times in UTC milliseconds. */
export interface CreditsPage {
  readonly now: number
  readonly provider: string | undefined
  readonly baseUrl: string | undefined
  readonly balance: bigint | undefined
  /** Whether it was read just now; else a reply's header told it. */
  readonly balanceIsFresh: boolean
  /** Why it was not read. */
  readonly balanceWhy: string | undefined
  readonly spend: ReadonlyArray<SpendRow>
  readonly held: ReadonlyArray<HeldRow>
  readonly pace: Pace
  /** What the account lost beyond the ledger's own charges since `unexplainedSince`: a range, or not known. */
  readonly unexplained: { readonly low: bigint; readonly high: bigint } | undefined
  readonly unexplainedSince: number | undefined
  readonly foreign: { readonly amount: bigint; readonly from: number; readonly to: number } | undefined
  readonly topUp: { readonly amount: bigint; readonly from: number; readonly to: number } | undefined
  readonly dropIsCost: boolean | undefined
}

interface Page {
  readonly columns: number
  readonly style: Style
}

/** The page for a person. */
export const creditsLines = (page: CreditsPage, screen: Page): ReadonlyArray<string> => [
  ...accountLines(page),
  ...spendLines(page.spend, screen),
  ...heldCallLines(page, screen)
]

const accountLines = (page: CreditsPage): ReadonlyArray<string> => {
  const { balance, balanceIsFresh, balanceWhy, foreign, pace, topUp } = page
  const where = page.provider === undefined ? "" : ` at ${page.provider} (${page.baseUrl})`
  const age = balanceIsFresh ? "" : ", as the last reply told it"
  const lasts = balance === undefined ? undefined : exhaustedInMillis(balance, pace)
  const row = (name: string, text: string) => `${name.padEnd(12)} ${text}`
  return [
    balance === undefined
      ? row("balance", `not known: ${balanceWhy ?? "no reply has told it"}`)
      : row("balance", `${formatCredits(balance)} credits${where}${age}`),
    row("burn rate", `${formatCredits(pace.lastDay)} credits in 24 hours, ${formatCredits(pace.lastWeek)} in 7 days`),
    ...(lasts === undefined ? [] : [row("lasts", `${durationInDays(lasts)} at the pace of the last 7 days`)]),
    row("unexplained", unexplainedText(page)),
    ...(foreign === undefined
      ? []
      : [row("", `others spent at least ${formatCredits(foreign.amount)}, or credits expired, ${span(foreign)}`)]),
    ...(topUp === undefined ? [] : [row("", `at least ${formatCredits(topUp.amount)} came in, ${span(topUp)}`)])
  ]
}

const unexplainedText = ({ unexplained, unexplainedSince }: CreditsPage): string => {
  if (unexplained === undefined) return "not known: no two balances can be compared with nothing in flight"
  const { high, low } = unexplained
  const middle = (low + high) / 2n
  const margin = (high - low) / 2n
  const since = unexplainedSince === undefined ? "" : ` since ${utc(unexplainedSince)}`
  if (low <= 0n && high >= 0n) {
    const within = margin < 1_000_000n ? "" : `, to within ${formatCredits(margin)}`
    return `0 credits${since}: the account and the ledger agree${within}`
  }
  return `${formatCredits(middle)} credits${since}${margin === 0n ? "" : `, give or take ${formatCredits(margin)}`}`
}

const spendLines = (rows: ReadonlyArray<SpendRow>, { columns, style }: Page): ReadonlyArray<string> => {
  if (rows.length === 0) return ["", "Nothing was spent yet."]
  const column = (head: string, align: "left" | "right", cell: (row: SpendRow) => string, drop = 0) =>
    ({ head, align, cell, drop, tone: () => "plain" }) satisfies TableColumn<SpendRow>
  const absent = style.glyphs.absent
  const table = [
    column("suite", "left", ({ suite }) => suite ?? absent),
    column("prompt", "left", ({ prompt }) => prompt ?? absent, 3),
    column("variant", "left", ({ variant }) => variant ?? absent, 2),
    column("kind", "left", ({ kind }) => kind),
    column("calls", "right", ({ attempts }) => String(attempts), 1),
    column("credits", "right", ({ settled }) => formatCredits(settled)),
    column("held", "right", ({ held }) => (held === 0n ? absent : formatCredits(held))),
    column("provider", "left", ({ provider, simulated }) => (simulated ? "simulated" : provider), 4)
  ]
  const layout = layoutTable(table, rows, { width: columns, shortestName: 6 })
  const lines =
    layout === undefined
      ? rows.map(({ settled, suite }) =>
          clip(`${suite ?? absent} ${formatCredits(settled)}`, columns, style.glyphs.ellipsis)
        )
      : [tableHead(layout, style), ...rows.map((row) => tableRow(layout, row, style).trimEnd())]
  return ["", ...lines, ...sums(rows)]
}

/** Simulated credits are no money, and are never added to it. */
const sums = (rows: ReadonlyArray<SpendRow>): ReadonlyArray<string> => {
  const sum = (simulated: boolean) => rows.filter((row) => row.simulated === simulated)
  const text = (some: ReadonlyArray<SpendRow>, what: string) => {
    const settled = some.reduce((total, row) => total + row.settled, 0n)
    const held = some.reduce((total, row) => total + row.held, 0n)
    return some.length === 0
      ? []
      : [`in all ${formatCredits(settled)} ${what}${held === 0n ? "" : `, and ${formatCredits(held)} held`}`]
  }
  return ["", ...text(sum(false), "credits"), ...text(sum(true), "simulated credits, which cost nothing")]
}

const heldCallLines = ({ dropIsCost, held, now }: CreditsPage, { style }: Page): ReadonlyArray<string> => {
  if (held.length === 0) return []
  const [first] = held
  return [
    "",
    `held: ${held.length === 1 ? "1 call" : `${held.length} calls`} may have been charged; none is sent again by itself`,
    ...held.slice(0, most).flatMap((call) => {
      const { attempt, bound, kind, likely, model, reservedAt, run, settled, suite } = call
      const cost = likely === undefined ? "" : `, likely ${formatCredits(likely.amount)} (median of ${likely.calls})`
      const what = settled > 0n ? `settled at an estimate of ${formatCredits(settled)}, ` : ""
      return [
        `  ${run}/${attempt}  ${suite ?? kind} ${model}  ${what}up to ${formatCredits(bound)}${cost}, ${durationInDays(now - reservedAt)} old`,
        style.paint("dim", `      ${call.reason ?? "its process ended"}; ${auditText(call, now, dropIsCost)}`)
      ]
    }),
    ...(held.length > most ? [`  and ${held.length - most} more: assay credits --json`] : []),
    ...(first === undefined
      ? []
      : [`  you know better: assay credits resolve ${first.run}/${first.attempt} --not-charged`])
  ]
}

/** More would scroll the table away. */
const most = 20

const auditText = ({ auditableAt, simulated }: HeldRow, now: number, drops: boolean | undefined): string => {
  if (auditableAt === undefined) return "an estimate: no audit of the balance frees it"
  if (simulated) return "simulated: no account to audit"
  if (drops === undefined) return "no audit before a probe has shown what the balance does: assay doctor --probe"
  if (!drops) return "no audit: a probe showed that the balance does not drop by the cost"
  return now < auditableAt
    ? `an audit of the balance may free it from ${utc(auditableAt)}`
    : "an audit of the balance may free it now"
}

const utc = (millis: number): string => `${DateTime.formatIso(DateTime.makeUnsafe(millis)).slice(0, 19)}Z`

const span = ({ from, to }: { readonly from: number; readonly to: number }): string =>
  `between ${utc(Math.round(from))} and ${utc(Math.round(to))}`

const durationInDays = (millis: number): string =>
  millis < 172_800_000 ? durationText(Math.max(0, millis)) : `${Math.floor(millis / 86_400_000)} days`
