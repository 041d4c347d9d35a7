import { type BalanceState, nothingSure, type SeenCall, type Surely } from "./BalanceState.ts"
import { roundingOf } from "./printedDecimals.ts"

/** What a balance proves in the light of those before it. */
export interface Proof {
  readonly foreign: Surely
  readonly topUp: Surely
}

/**
 * Holds a balance against every one that is surely older, and sums what others surely moved up to it.
 *
 * Between two balances an account drops by the charges that fell between them. Of own calls some surely did, and some
 * may have. A drop beyond all that may have is someone else's spend; one below all that surely did is money that came
 * in. Both are proofs and there are no false alarms, but a top-up can hide a spend, and calls in flight hide small ones.
 * What rounding could explain is not counted. Times that are equal prove no order.
 */
export const proofOf = (state: BalanceState, later: SeenCall): Proof => {
  let proof: Proof = { foreign: later.foreign, topUp: later.topUp }
  const { balance } = later
  if (balance === undefined) return proof
  const chargedAfter = chargesBetween(state, later)
  const roundingBetween = roundingOf(state)
  for (const earlier of earlierBalances(state, later)) {
    if (earlier.balance === undefined) continue
    const drop = earlier.balance - balance
    const { low, high } = chargedAfter(earlier)
    const rounding = roundingBetween(earlier, later)
    proof = {
      foreign: more(proof.foreign, earlier.foreign, drop - high - rounding, earlier, later),
      topUp: more(proof.topUp, earlier.topUp, low - drop - rounding, earlier, later)
    }
  }
  return proof
}

/** Whether a balance can still be placed among the calls that are remembered only as a sum. */
export const isComparable = ({ folded }: BalanceState, call: SeenCall): boolean =>
  call.balance !== undefined && call.sentAt > folded.until

/** Earlier balances that a later one is held against, beside the baseline: what they prove, those before them did. */
const mostCompared = 16

/** The newest balances that were surely told before a later one was asked for, and the baseline. */
const earlierBalances = (state: BalanceState, later: SeenCall): ReadonlyArray<SeenCall> => {
  const { baseline, recent } = state
  const earlier: Array<SeenCall> = []
  for (let index = recent.length - 1; index >= 0 && earlier.length < mostCompared; index -= 1) {
    const call = recent[index]
    if (call !== undefined && call.receivedAt < later.sentAt && isComparable(state, call)) earlier.push(call)
  }
  const known = baseline !== undefined && baseline.receivedAt < later.sentAt
  // The copy in the window, while there is one, knows what was proved up to it: nothing, as for the baseline.
  if (known && !earlier.some(({ id }) => id === baseline.id)) earlier.push(baseline)
  return earlier
}

/** By an earlier balance: the least and the most that own calls were charged between it and the later one. */
const chargesBetween = (state: BalanceState, later: SeenCall) => {
  const { baseline, folded, inFlight, lost, recent } = state
  const others = recent.filter(({ id }) => id !== later.id)
  const surely = others.filter(({ receivedAt }) => receivedAt < later.sentAt)
  const possibly = others.filter(({ sentAt }) => sentAt <= later.receivedAt)
  const lowBySent = sumsAfter(surely, ({ sentAt, low }) => [sentAt, low])
  const highByReceived = sumsAfter(possibly, ({ receivedAt, high }) => [receivedAt, high])
  let open = 0n
  for (const { bound } of lost) open += bound
  for (const { bound, sentAt } of inFlight) if (sentAt <= later.receivedAt) open += bound

  return (earlier: SeenCall) => {
    const older = earlier.id === baseline?.id && !isComparable(state, earlier) ? folded : none
    const own = earlier.sentAt <= later.receivedAt && others.some(({ id }) => id === earlier.id) ? earlier.high : 0n
    return {
      low: later.low + lowBySent(earlier.receivedAt, "after") + older.low,
      high: later.high + highByReceived(earlier.sentAt, "from") - own + open + older.high
    }
  }
}

const none = { low: 0n, high: 0n }

/** Sums of amounts by a time, as a function that adds up those `after` it, or `from` it on. */
const sumsAfter = (
  calls: ReadonlyArray<SeenCall>,
  read: (call: SeenCall) => readonly [at: number, amount: bigint]
): ((time: number, how: "after" | "from") => bigint) => {
  const latestFirst = calls.map(read).sort(([a], [b]) => b - a)
  const sums: Array<bigint> = []
  let sum = 0n
  for (const [, amount] of latestFirst) {
    sum += amount
    sums.push(sum)
  }
  return (time, how) => {
    let [inside, outside] = [0, latestFirst.length]
    while (inside < outside) {
      const middle = (inside + outside) >> 1
      const at = latestFirst[middle]?.[0] ?? 0
      if (how === "after" ? at > time : at >= time) inside = middle + 1
      else outside = middle
    }
    return sums[inside - 1] ?? 0n
  }
}

/** The larger of what was proved and what a chain over the earlier balance proves. */
const more = (proved: Surely, before: Surely, amount: bigint, earlier: SeenCall, later: SeenCall): Surely => {
  const moved = amount > 0n ? amount : 0n
  const sum = before.amount + moved
  if (sum <= proved.amount) return proved
  if (moved === 0n) return before
  return { amount: sum, from: before === nothingSure ? earlier.sentAt : before.from, to: later.receivedAt }
}

/**
 * The range in which lies what the account lost since the baseline beyond own settled charges: lost calls that were
 * charged, and what others moved. Rounding is within it. Undefined while a call is in flight or nothing can be compared.
 */
export const unexplainedSinceBaseline = (
  state: BalanceState
): { readonly low: bigint; readonly high: bigint } | undefined => {
  const { baseline, inFlight, lost } = state
  const last = state.recent.findLast((call) => isComparable(state, call))
  if (baseline?.balance === undefined || last?.balance === undefined || inFlight.length > 0) return undefined
  // A charge that came after the last balance would be missing from its drop.
  if (lost.some(({ sentAt }) => sentAt >= last.sentAt)) return undefined
  if (state.recent.some((call) => call.id !== last.id && call.receivedAt >= last.sentAt)) return undefined
  if (last.id === baseline.id || baseline.receivedAt >= last.sentAt) return undefined
  const { low, high } = chargesBetween({ ...state, lost: [] }, last)(baseline)
  const drop = baseline.balance - last.balance
  const rounding = roundingOf(state)(baseline, last)
  return { low: drop - high - rounding, high: drop - low + rounding }
}
