import type { BalanceEvent } from "../../src/balance/BalanceEvent.ts"
import type { Chance } from "../support/seeds.ts"

/** What was played, and what only the gateway knows. Amounts in pico-credits. */
export interface Played {
  /** In the order in which the process saw them. */
  readonly events: ReadonlyArray<BalanceEvent>
  readonly foreign: bigint
  readonly topUp: bigint
  /** By the id of a lost call: what it was charged in truth, 0 where it was not. */
  readonly lost: ReadonlyMap<string, bigint>
  /** What the account lost between the first and the last balance beyond the charges of answered calls. */
  readonly unexplained: bigint
}

export interface PlayOptions {
  readonly foreign: boolean
  readonly topUp: boolean
  readonly calls?: number
  /** Decimals that amounts are printed with; drawn when left out. */
  readonly decimals?: number
  readonly losses?: number
  /** Whether every reply tells its cost; 1 of 20 does not by default. */
  readonly exact?: boolean
}

interface Instant {
  readonly time: number
  readonly act: () => void
}

const bound = 9_000_000_000n

/**
 * An account behind a gateway, with up to 8 calls of ours in flight: charges at any instant between send and reply,
 * replies lost before and after the charge, or charged late, headers that are missing, costs that are not told, amounts
 * rounded when printed, and a process whose clock has whole milliseconds, or 20 of them. It ends with everything charged and one read.
 */
export const playAccount = (luck: Chance, options: PlayOptions): Played => {
  const calls = options.calls ?? 20 + luck.int(60)
  const losses = options.losses ?? luck.pick([0, 0.02, 0.1])
  const printed = printer(luck, options.decimals)
  const instants: Array<Instant> = []
  const events: Array<BalanceEvent> = []
  const lost = new Map<string, bigint>()
  let balance = 5_000_000_000_000n + BigInt(luck.int(1_000_000_000)) * 1000n
  let [settledAtFirst, settled, foreign, topUp] = [0n, 0n, 0n, 0n]
  let first: { readonly balance: bigint } | undefined
  const at = (time: number, act: () => void) => void instants.push({ time, act })
  // A coarse clock gives equal times to what has an order in truth.
  const grain = luck.pick([1, 1, 20])
  const clock = (time: number) => Math.floor(time / grain) * grain

  const read = (time: number) => {
    const [asked, received] = [time + luck.next() * 5, time + 5 + luck.next() * 5]
    let told = 0n
    at(asked, () => {
      told = balance
      if (first === undefined) {
        first = { balance }
        settledAtFirst = settled
      }
    })
    at(received, () =>
      events.push({ _tag: "Read", sentAt: clock(time), receivedAt: clock(received), balance: printed.read(told) })
    )
  }

  const call = (id: string, sentAt: number, duration: number) => {
    const cost = 100_000_000n + BigInt(luck.int(8_000_000)) * 1000n
    const fate = luck.next()
    at(sentAt, () => events.push({ _tag: "Sent", id, at: clock(sentAt), bound }))
    const receivedAt = sentAt + duration
    if (fate < losses) {
      const charged = luck.next() < 0.5
      lost.set(id, charged ? cost : 0n)
      // Half of the charges of lost calls come after the client has given up.
      if (charged) at(sentAt + duration * luck.next() * 2, () => (balance -= cost))
      at(receivedAt, () => events.push({ _tag: "Lost", id, at: clock(receivedAt) }))
      return
    }
    if (fate < losses + 0.05) {
      at(receivedAt, () => events.push({ _tag: "Freed", id, at: clock(receivedAt) }))
      return
    }
    let stamp = 0n
    at(sentAt + duration * luck.next(), () => {
      balance -= cost
      settled += cost
      stamp = balance
    })
    const told = luck.next() < 0.85
    const costTold = luck.next() < 0.95 || options.exact === true
    at(receivedAt, () => {
      const amount = printed.cost(cost)
      const charge = costTold ? { low: amount, high: amount } : { low: 0n, high: bound }
      const header = told ? printed.header(stamp) : undefined
      events.push({ _tag: "Answered", id, at: clock(receivedAt), charge, balance: header })
    })
  }

  read(0)
  const workers = 1 + luck.int(8)
  let end = 20
  for (let worker = 0; worker < workers; worker += 1) {
    let time = 20 + luck.next() * 50
    for (let index = worker; index < calls; index += workers) {
      const duration = 20 * 50 ** luck.next()
      call(`call ${index}`, time, duration)
      time += duration + luck.next() * 30
    }
    end = Math.max(end, time)
  }
  for (let count = luck.int(4); count > 0; count -= 1) read(20 + luck.next() * end)
  for (let count = options.foreign ? 1 + luck.int(3) : 0; count > 0; count -= 1) {
    const amount = BigInt(1 + luck.int(40_000)) * 1_000_000n
    foreign += amount
    at(20 + luck.next() * end, () => (balance -= amount))
  }
  for (let count = options.topUp ? 1 : 0; count > 0; count -= 1) {
    const amount = luck.next() < 0.5 ? 10_000_000_000_000n : BigInt(1 + luck.int(40_000)) * 1_000_000n
    topUp += amount
    at(20 + luck.next() * end, () => (balance += amount))
  }
  read(end + 3000)

  for (const { act } of instants.sort((a, b) => a.time - b.time)) act()
  const unexplained = (first?.balance ?? 0n) - balance - (settled - settledAtFirst)
  return { events, foreign, topUp, lost, unexplained }
}

/** Prints amounts as a gateway may: headers, readings and costs each with its own number of decimals. */
const printer = (luck: Chance, fixed: number | undefined) => {
  const rounded = (decimals: number, nearest: boolean) => {
    const unit = 10n ** BigInt(12 - decimals)
    return (amount: bigint) => ((amount + (nearest ? unit / 2n : 0n)) / unit) * unit
  }
  const style = () => rounded(fixed ?? luck.pick([6, 8, 10, 12]), luck.next() < 0.5)
  return { header: style(), read: style(), cost: style() }
}
