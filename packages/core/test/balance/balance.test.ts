import { assert, describe, it } from "@effect/vitest"
import { type AuditEvidence, auditHolds, leastCharge } from "../../src/balance/auditHolds.ts"
import type { BalanceEvent } from "../../src/balance/BalanceEvent.ts"
import { emptyBalance, lowestBalance } from "../../src/balance/BalanceState.ts"
import { burnRate } from "../../src/balance/burnRate.ts"
import { lowBalanceGate } from "../../src/balance/lowBalanceGate.ts"
import { observeBalance } from "../../src/balance/observeBalance.ts"
import { o3mini } from "../support/requests.ts"

const observed = (...events: ReadonlyArray<BalanceEvent>) => events.reduce(observeBalance, emptyBalance())

const read = (at: number, balance: bigint): BalanceEvent => ({
  _tag: "Read",
  sentAt: at,
  receivedAt: at + 1,
  balance
})
const call = (id: string, [sentAt, receivedAt]: readonly [number, number], cost: bigint, balance?: bigint) =>
  [
    { _tag: "Sent", id, at: sentAt, bound: 100n },
    { _tag: "Answered", id, at: receivedAt, charge: { low: cost, high: cost }, balance }
  ] as const satisfies ReadonlyArray<BalanceEvent>

describe("observeBalance", () => {
  it("tells how much others have spent at least, and when, between two readings", () => {
    const state = observed(read(0, 1_000_001n), ...call("a", [10, 20], 11n), read(30, 999_001n))
    // 1,000 less, 11 of them ours, and a unit of rounding for either reading and for the charge.
    assert.deepStrictEqual(state.foreign, { amount: 1000n - 11n - 3n, from: 0, to: 31 })
    assert.strictEqual(state.topUp.amount, 0n)
  })

  it("sums spends that were found one after the other", () => {
    const spends = observed(read(0, 1_000_001n), read(10, 999_001n), read(20, 998_001n), read(30, 997_001n))
    assert.isAtMost(Number(spends.foreign.amount), 3000)
    assert.isAtLeast(Number(spends.foreign.amount), 2980)
    assert.strictEqual(spends.foreign.from, 0)
  })

  it("finds a spend on both sides of a top-up, which a reading between them told apart", () => {
    const state = observed(read(0, 1_000_001n), read(10, 999_001n), read(20, 9_000_001n), read(30, 8_999_001n))
    assert.isAtLeast(Number(state.foreign.amount), 1980)
    assert.isAtLeast(Number(state.topUp.amount), 8_000_980)
  })

  it("keeps quiet while a call in flight may explain a drop, and speaks once it has ended", () => {
    const sent: BalanceEvent = { _tag: "Sent", id: "slow", at: 5, bound: 100n }
    const between = observed(read(0, 1_000_001n), sent, read(20, 999_911n))
    assert.strictEqual(between.foreign.amount, 0n)
    const charge = { low: 11n, high: 11n }
    const after = observeBalance(between, { _tag: "Answered", id: "slow", at: 50, charge, balance: undefined })
    assert.strictEqual(after.foreign.amount, 90n - 11n - 3n)
  })

  it("keeps the lowest of the balances that none is surely newer than, when replies overtake each other", () => {
    const early = call("early", [10, 50], 10n, 990n)
    const late = call("late", [20, 30], 10n, 980n)
    const state = observed(read(0, 1000n), early[0], late[0], late[1], early[1])
    assert.strictEqual(lowestBalance(state), 980n)
    assert.strictEqual(lowestBalance(observeBalance(state, read(60, 5000n))), 5000n)
  })

  it("counts answers in a row without a balance, and forgets them when one comes", () => {
    const quiet = [1, 2, 3, 4, 5].flatMap((at) => call(`${at}`, [at * 10, at * 10 + 5], 10n))
    assert.strictEqual(observed(...quiet).missing, 5)
    assert.strictEqual(observed(...quiet, read(100, 10n)).missing, 0)
  })

  it("ignores the end of a call that it does not know, and a second end", () => {
    const state = observed(read(0, 1000n), ...call("a", [10, 20], 10n, 990n))
    assert.strictEqual(observeBalance(state, { _tag: "Freed", id: "a", at: 30 }), state)
    assert.strictEqual(observeBalance(state, { _tag: "Lost", id: "b", at: 30 }), state)
  })
})

describe("lowBalanceGate", () => {
  const account = { balance: 100n, fresh: false, reserved: 0n, held: 0n, bound: 40n }

  it.each([
    { name: "is open while no balance is known", change: { balance: undefined }, expected: "Open" },
    { name: "is open down to the last pico-credit", change: { reserved: 40n, held: 20n }, expected: "Open" },
    { name: "waits for calls in flight", change: { reserved: 41n, held: 20n }, expected: "Wait" },
    { name: "asks for the balance when nothing is in flight", change: { held: 61n }, expected: "Read" },
    { name: "closes when a fresh balance is too low", change: { held: 61n, fresh: true }, expected: "Insufficient" },
    { name: "keeps the floor", change: { floor: 61n, fresh: true }, expected: "Insufficient" }
  ])("$name", ({ change, expected }) => {
    assert.strictEqual(lowBalanceGate({ ...account, ...change })._tag, expected)
  })
})

describe("burnRate", () => {
  it("is what the newest calls cost over the time since the first of them", () => {
    const calls = [0, 1, 2].flatMap((index) => call(`${index}`, [index * 1000, index * 1000 + 500], 10n, 1000n))
    const state = observed(...calls)
    assert.deepStrictEqual(burnRate(state, 3000), {
      perHour: 36_000n,
      calls: 3,
      overMillis: 3000,
      exhaustedInMillis: 100_000
    })
    assert.isUndefined(burnRate(observed(...call("a", [0, 1], 10n)), 5000))
  })
})

describe("auditHolds", () => {
  const hold = { attemptId: "a", bound: 100_000_000n, sentAt: 0, sinceBaseline: true }
  const evidence: AuditEvidence = {
    unexplained: { low: -2n, high: 2n },
    foreignSeen: false,
    topUpSeen: false,
    soleProcess: true,
    dropIsCost: true,
    now: 600_000,
    held: [hold, { ...hold, attemptId: "b" }]
  }
  const charged = { low: 40_000_000n, high: 40_000_002n }

  it("frees every hold when nothing is unexplained", () => {
    assert.deepStrictEqual(auditHolds(evidence), {
      _tag: "Resolve",
      resolutions: [
        { attemptId: "a", resolution: "not-charged" },
        { attemptId: "b", resolution: "not-charged" }
      ]
    })
  })

  it("settles a single hold at what is unexplained", () => {
    assert.deepStrictEqual(auditHolds({ ...evidence, held: [hold], unexplained: charged }), {
      _tag: "Resolve",
      resolutions: [{ attemptId: "a", resolution: { charged: 40_000_002n } }]
    })
  })

  it.each([
    { name: "nothing is held", change: { held: [] } },
    { name: "no probe was made", change: { dropIsCost: undefined } },
    { name: "the probe showed otherwise", change: { dropIsCost: false } },
    { name: "another process lives", change: { soleProcess: false } },
    { name: "a hold is older than the baseline", change: { held: [{ ...hold, sinceBaseline: false }] } },
    { name: "the provider may still charge", change: { now: 599_999 } },
    { name: "others have spent", change: { foreignSeen: true } },
    { name: "money has come in", change: { topUpSeen: true } },
    { name: "the balance is not told", change: { unexplained: undefined } },
    { name: "charges are only estimated", change: { unexplained: { low: -100_000n, high: 1n } } },
    { name: "two holds share a gap", change: { unexplained: charged } },
    { name: "the gap is over the bound", change: { held: [hold], unexplained: { low: 1n, high: 100_000_001n } } },
    { name: "the balance rose", change: { unexplained: { low: -9n, high: -5n } } }
  ])("keeps every hold when $name", ({ change }) => {
    assert.strictEqual(auditHolds({ ...evidence, ...change })._tag, "Keep")
  })

  it("knows that a charged call costs at least its frame and one token", () => {
    const least = leastCharge(o3mini)
    assert.strictEqual(least, 8_800_000n)
    const rounded = { ...evidence, unexplained: { low: -4_000_000n, high: 4_000_000n } }
    assert.strictEqual(auditHolds(rounded)._tag, "Keep")
    assert.strictEqual(auditHolds({ ...rounded, least })._tag, "Resolve")
  })

  it("says when the provider can no longer charge", () => {
    assert.deepInclude(auditHolds({ ...evidence, now: 0 }), { until: 600_000 })
  })
})
