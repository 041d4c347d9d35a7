import type { BalanceEvent, ChargeRange } from "./BalanceEvent.ts"
import { type BalanceState, nothingSure, type SeenCall, type Surely } from "./BalanceState.ts"
import { isComparable, proofOf } from "./intervalTest.ts"
import { printedDecimals } from "./printedDecimals.ts"

/** The state after an event. An end of a call that is not known to be out changes nothing. */
export const observeBalance = (state: BalanceState, event: BalanceEvent): BalanceState => {
  switch (event._tag) {
    case "Sent": {
      const { id, at, bound } = event
      return { ...state, inFlight: [...state.inFlight, { id, sentAt: at, bound }] }
    }
    case "Read": {
      const { sentAt, receivedAt, balance } = event
      const reads = state.reads + 1
      const read = { id: `read ${reads}`, sentAt, receivedAt, source: "endpoint", ...free, balance } as const
      return remember({ ...state, missing: 0, reads }, read)
    }
    case "Resolved": {
      const lost = state.lost.find(({ id }) => id === event.id)
      if (lost === undefined) return state
      const known = { ...state, lost: without(state.lost, event.id) }
      const { id, at: receivedAt, charged } = event
      if (charged === 0n) return settled(known)
      const charge = { low: charged, high: charged }
      return remember(known, { id, sentAt: lost.sentAt, receivedAt, source: "header", ...charge, balance: undefined })
    }
    default: {
      const open = state.inFlight.find(({ id }) => id === event.id)
      if (open === undefined) return state
      const ended = { ...state, inFlight: without(state.inFlight, event.id) }
      if (event._tag === "Freed") return settled(ended)
      if (event._tag === "Lost") return settled({ ...ended, lost: [...ended.lost, open] })
      const { id, at: receivedAt, charge, balance } = event
      const missing = balance === undefined ? state.missing + 1 : 0
      return remember(
        { ...ended, missing },
        { id, sentAt: open.sentAt, receivedAt, source: "header", ...charge, balance }
      )
    }
  }
}

const free: ChargeRange = { low: 0n, high: 0n }

const without = <A extends { readonly id: string }>(calls: ReadonlyArray<A>, id: string): ReadonlyArray<A> =>
  calls.filter((call) => call.id !== id)

/** Takes an ended call in, with all that follows from its balance. */
const remember = (state: BalanceState, ended: Omit<SeenCall, "ripe" | "foreign" | "topUp">): BalanceState => {
  const call: SeenCall = { ...ended, ripe: ended.balance === undefined, foreign: nothingSure, topUp: nothingSure }
  const known = fold({
    ...state,
    decimals: decimalsWith(state, call),
    newest: newestWith(state, call),
    recent: [...state.recent, call]
  })
  const baseline = known.baseline ?? (isComparable(known, call) ? call : undefined)
  return settled({ ...known, baseline }, call.id)
}

/** Tests again what can tell more now: the balance that came, and those whose neighbours have all ended. */
const settled = (state: BalanceState, fresh?: string): BalanceState => {
  let known = state
  const oldestOpen = state.inFlight.reduce((oldest, { sentAt }) => Math.min(oldest, sentAt), Number.POSITIVE_INFINITY)
  for (const call of state.recent) {
    if (call.ripe) continue
    const comparable = isComparable(known, call)
    const ripe = !comparable || oldestOpen > call.receivedAt
    if (!ripe && call.id !== fresh) continue
    const tested: SeenCall = { ...call, ripe, ...(comparable ? proofOf(known, call) : {}) }
    known = {
      ...known,
      recent: known.recent.map((other) => (other.id === call.id ? tested : other)),
      foreign: larger(known.foreign, tested.foreign),
      topUp: larger(known.topUp, tested.topUp)
    }
  }
  return known
}

const larger = (known: Surely, found: Surely): Surely => (found.amount > known.amount ? found : known)

/** Keeps the window's length: what leaves it lives on in the sums that the baseline is held against. */
const fold = (state: BalanceState): BalanceState => {
  const { baseline, folded, recent, window } = state
  const [oldest] = recent
  if (oldest === undefined || recent.length <= window) return state
  const afterBaseline = baseline !== undefined && oldest.sentAt > baseline.receivedAt
  const beforeBaseline = baseline === undefined || oldest.id === baseline.id || oldest.receivedAt < baseline.sentAt
  return {
    ...state,
    recent: recent.slice(1),
    folded: {
      low: folded.low + (afterBaseline ? oldest.low : 0n),
      high: folded.high + (beforeBaseline ? 0n : oldest.high),
      charges: folded.charges + (beforeBaseline || oldest.high === 0n ? 0 : 1),
      until: Math.max(folded.until, oldest.receivedAt)
    }
  }
}

/** A balance replaces those that were told before its call was sent, and none that is surely newer. */
const newestWith = ({ newest }: BalanceState, call: SeenCall): BalanceState["newest"] => {
  const { balance, receivedAt, sentAt } = call
  if (balance === undefined || newest.some((other) => other.sentAt > receivedAt)) return newest
  return [...newest.filter((other) => other.receivedAt >= sentAt), { sentAt, receivedAt, balance }]
}

const decimalsWith = ({ decimals }: BalanceState, call: SeenCall): BalanceState["decimals"] => {
  const seen = { ...decimals }
  if (call.balance !== undefined) seen[call.source] = Math.max(seen[call.source], printedDecimals(call.balance))
  if (call.low === call.high) seen.cost = Math.max(seen.cost, printedDecimals(call.low))
  return seen
}
