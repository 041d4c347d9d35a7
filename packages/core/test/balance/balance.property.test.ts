import { assert, describe, it } from "@effect/vitest"
import { auditHolds } from "../../src/balance/auditHolds.ts"
import type { BalanceEvent } from "../../src/balance/BalanceEvent.ts"
import { type BalanceState, emptyBalance } from "../../src/balance/BalanceState.ts"
import { unexplainedSinceBaseline } from "../../src/balance/intervalTest.ts"
import { observeBalance } from "../../src/balance/observeBalance.ts"
import { forSeeds, seedCount } from "../support/seeds.ts"
import { playAccount } from "./randomAccount.ts"

const observeAll = (events: ReadonlyArray<BalanceEvent>, window?: number): BalanceState =>
  events.reduce(observeBalance, emptyBalance(window))

/** The same without the readings, so that the first header is the baseline. */
const headersAlone = (events: ReadonlyArray<BalanceEvent>) => events.filter(({ _tag }) => _tag !== "Read")

describe("the interval test, on accounts played at random", () => {
  it("raises no flag when nobody else moved the account (I9)", () => {
    forSeeds((luck) => {
      const { events } = playAccount(luck, { foreign: false, topUp: false })
      for (const seen of [events, headersAlone(events)]) {
        for (const window of [64, 8]) {
          const state = observeAll(seen, window)
          assert.strictEqual(state.foreign.amount, 0n, "no foreign spend")
          assert.strictEqual(state.topUp.amount, 0n, "no top-up")
        }
      }
    })
  }, 120_000)

  it("never claims more than others have moved (I10), and finds most of it", ({ annotate }) => {
    const found = { foreign: 0, topUp: 0 }
    forSeeds((luck) => {
      const both = luck.int(3)
      const { events, foreign, topUp } = playAccount(luck, { foreign: both !== 0, topUp: both !== 1 })
      for (const seen of [events, headersAlone(events)]) {
        for (const window of [64, 8]) {
          const state = observeAll(seen, window)
          assert.isAtMost(Number(state.foreign.amount), Number(foreign), "foreign spend")
          assert.isAtMost(Number(state.topUp.amount), Number(topUp), "top-ups")
          assert.isTrue(state.foreign.amount <= foreign && state.topUp.amount <= topUp)
        }
      }
    })
    forSeeds((luck) => {
      if (observeAll(playAccount(luck, { foreign: true, topUp: false }).events).foreign.amount > 0n) found.foreign += 1
      if (observeAll(playAccount(luck, { foreign: false, topUp: true }).events).topUp.amount > 0n) found.topUp += 1
    })
    assert.isAtLeast(found.foreign / seedCount, 0.7)
    assert.isAtLeast(found.topUp / seedCount, 0.7)
    return annotate(`found foreign spend in ${found.foreign} and top-ups in ${found.topUp} of ${seedCount} accounts`)
  }, 120_000)

  it("brackets what is unexplained once nothing is in flight (I11)", () => {
    forSeeds((luck) => {
      const played = playAccount(luck, { foreign: luck.int(2) === 0, topUp: luck.int(2) === 0 })
      const range = unexplainedSinceBaseline(observeAll(played.events, luck.pick([64, 8])))
      assert.isDefined(range)
      assert.isTrue(range !== undefined && range.low <= played.unexplained && played.unexplained <= range.high)
    })
  }, 120_000)

  it("is as good after the window has moved on", () => {
    forSeeds((luck, seed) => {
      if (seed % 10 !== 0) return
      const options = { foreign: true, topUp: false, calls: 400, losses: 0, decimals: 12, exact: true }
      const { events, foreign } = playAccount(luck, options)
      const state = observeAll(events, 32)
      assert.isAtMost(state.recent.length, 32)
      assert.isTrue(state.foreign.amount <= foreign)
      assert.isAbove(Number(state.foreign.amount), 0)
    })
  }, 120_000)
})

describe("the quiescent audit, on accounts played at random", () => {
  it("frees no call that was charged, and settles none below its charge", ({ annotate }) => {
    const decided = { free: 0, charged: 0, kept: 0 }
    forSeeds((luck) => {
      const foreign = luck.int(3) === 0
      const options = { foreign, topUp: false, losses: luck.pick([0.02, 0.05]), decimals: 12, exact: true }
      const { events, lost } = playAccount(luck, options)
      const state = observeAll(events)
      const decision = auditHolds({
        unexplained: unexplainedSinceBaseline(state),
        foreignSeen: state.foreign.amount > 0n,
        topUpSeen: state.topUp.amount > 0n,
        soleProcess: true,
        dropIsCost: true,
        now: 10_000_000,
        held: state.lost.map(({ id, bound, sentAt }) => ({ attemptId: id, bound, sentAt, sinceBaseline: true }))
      })
      if (decision._tag === "Keep") {
        decided.kept += 1
        return
      }
      for (const { attemptId, resolution } of decision.resolutions) {
        const charged = lost.get(attemptId) ?? 0n
        if (resolution === "not-charged") {
          decided.free += 1
          assert.strictEqual(charged, 0n)
        } else if ("charged" in resolution) {
          decided.charged += 1
          assert.isTrue(resolution.charged >= charged)
        }
      }
    })
    assert.isAbove(decided.free, 0)
    assert.isAbove(decided.charged, 0)
    return annotate(
      `freed ${decided.free}, settled ${decided.charged}, kept in ${decided.kept} of ${seedCount} accounts`
    )
  }, 120_000)
})
