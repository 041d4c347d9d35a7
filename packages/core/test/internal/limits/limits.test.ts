import { assert, describe, it } from "@effect/vitest"
import { resolveCall } from "../../../src/index.ts"
import { makeAdaptiveConcurrency } from "../../../src/internal/limits/AdaptiveConcurrency.ts"
import { makeCircuitBreaker } from "../../../src/internal/limits/CircuitBreaker.ts"
import { makeMarkupCalibration } from "../../../src/internal/limits/MarkupCalibration.ts"
import { burstOf, makeRateLimit } from "../../../src/internal/limits/RateLimit.ts"
import { makeRetryBudget } from "../../../src/internal/limits/RetryBudget.ts"
import { gateway, played, request } from "../../support/requests.ts"
import { forSeeds } from "../../support/seeds.ts"

describe("the rate limit", () => {
  it("lets no 60 s see more than the limit and its burst (I15), and starves nobody", () => {
    forSeeds((luck, seed) => {
      const limit = 1 + luck.int(luck.pick([10, 100, 3000]))
      const rate = makeRateLimit(limit)
      const sends: Array<number> = []
      let now = 0
      for (let index = 0; index < 400; index += 1) {
        now += luck.next() < 0.3 ? luck.int(20_000) : luck.int(30)
        sends.push(now + rate.take(now))
      }
      for (const [index, end] of sends.entries()) {
        const window = sends.filter((at, other) => other <= index && at >= end - 60_000).length
        assert.isAtMost(window, limit + burstOf(limit), `seed ${seed}, ${limit} a minute`)
      }
      assert.deepStrictEqual(
        sends,
        sends.toSorted((a, b) => a - b),
        "first come, first served"
      )
    })
  })

  it("lets a burst go at once, and the rest at the rate", () => {
    const rate = makeRateLimit(60)
    assert.deepStrictEqual(
      Array.from({ length: 9 }, () => rate.take(0)),
      [0, 0, 0, 0, 0, 0, 1000, 2000, 3000]
    )
    assert.strictEqual(rate.take(1_000_000), 0)
  })
})

describe("the adaptive concurrency", () => {
  it("falls by a fifth on a 429, once in 15 s, and never under its least", () => {
    const concurrency = makeAdaptiveConcurrency({ min: 6, start: 10, max: 10 })
    concurrency.throttled(0)
    concurrency.throttled(14_999)
    assert.strictEqual(concurrency.limit(), 8)
    concurrency.throttled(15_000)
    assert.strictEqual(concurrency.limit(), 6)
    concurrency.throttled(60_000)
    assert.strictEqual(concurrency.limit(), 6)
  })

  it("grows by one for a round of answers, and never over its most", () => {
    const concurrency = makeAdaptiveConcurrency({ min: 1, start: 2, max: 4 })
    for (let answers = 0; answers < 3; answers += 1) concurrency.answered(0)
    assert.strictEqual(concurrency.limit(), 3)
    for (let answers = 0; answers < 100; answers += 1) concurrency.answered(0)
    assert.strictEqual(concurrency.limit(), 4)
  })

  it("does not grow for 15 s after trouble, nor fall", () => {
    const concurrency = makeAdaptiveConcurrency({ min: 1, start: 2, max: 9 })
    concurrency.troubled(0)
    for (let answers = 0; answers < 100; answers += 1) concurrency.answered(14_999)
    assert.strictEqual(concurrency.limit(), 2)
    for (let answers = 0; answers < 3; answers += 1) concurrency.answered(15_000)
    assert.strictEqual(concurrency.limit(), 3)
  })

  it("takes a plain number for its start and its most", () => {
    const concurrency = makeAdaptiveConcurrency(5)
    concurrency.answered(0)
    assert.strictEqual(concurrency.limit(), 5)
    concurrency.throttled(0)
    assert.strictEqual(concurrency.limit(), 4)
    for (let answers = 0; answers < 100; answers += 1) concurrency.answered(20_000)
    assert.strictEqual(concurrency.limit(), 5)
  })
})

describe("the circuit breaker", () => {
  const options = { failures: 3, retryAfterMillis: 30_000 }
  const failing = (times: number) => {
    const circuit = makeCircuitBreaker(options)
    for (let time = 0; time < times; time += 1) circuit.failed({ _tag: "Call" }, 0, "down")
    return circuit
  }

  it("opens after so many failures in a row, and an answer between starts the count anew", () => {
    const circuit = failing(2)
    circuit.answered()
    circuit.failed({ _tag: "Call" }, 0, "down")
    circuit.failed({ _tag: "Call" }, 0, "down")
    assert.strictEqual(circuit.enter(0)._tag, "Call")
    circuit.failed({ _tag: "Call" }, 0, "down")
    assert.deepStrictEqual(circuit.enter(10_000), {
      _tag: "Refused",
      failures: 3,
      retryAfterMillis: 20_000,
      reason: "down"
    })
  })

  it("lets one probe through after its time, and closes when that is answered", () => {
    const circuit = failing(3)
    assert.strictEqual(circuit.enter(30_000)._tag, "Probe")
    assert.strictEqual(circuit.enter(30_000)._tag, "Refused")
    assert.strictEqual(circuit.state(30_000), "half-open")
    circuit.answered()
    assert.strictEqual(circuit.enter(30_000)._tag, "Call")
    assert.strictEqual(circuit.state(30_000), "closed")
  })

  it("waits as long again when the probe fails, and not at all when it told nothing", () => {
    const circuit = failing(3)
    circuit.failed({ _tag: "Probe" }, 31_000, "still down")
    assert.deepInclude(circuit.enter(60_000), { _tag: "Refused", retryAfterMillis: 1000, reason: "still down" })
    assert.strictEqual(circuit.enter(61_000)._tag, "Probe")
    circuit.untold({ _tag: "Probe" })
    assert.strictEqual(circuit.enter(61_000)._tag, "Probe")
  })

  it("is not kept open by calls that were in flight when it opened", () => {
    const circuit = failing(3)
    circuit.failed({ _tag: "Call" }, 29_000, "late")
    assert.strictEqual(circuit.enter(30_000)._tag, "Probe")
    circuit.failed({ _tag: "Call" }, 30_000, "later")
    assert.strictEqual(circuit.enter(30_000)._tag, "Refused", "the probe is still under way")
  })
})

describe("the retry budget", () => {
  it("has a stock to begin with, and earns a retry with every five answers", () => {
    const budget = makeRetryBudget({ initial: 2, perSuccess: 0.2 })
    assert.deepStrictEqual([budget.spend(), budget.spend(), budget.spend()], [true, true, false])
    for (let answers = 0; answers < 5; answers += 1) {
      assert.isFalse(budget.spend())
      budget.earn()
    }
    assert.deepStrictEqual([budget.spend(), budget.spend()], [true, false])
  })
})

describe("the markup calibration", () => {
  const resolved = resolveCall(request, { providers: [gateway] })
  if (resolved._tag === "Failure") throw new Error("the request does not resolve")
  const call = resolved.success
  const usage = { promptTokens: 0, cachedPromptTokens: 0, completionTokens: 100, reasoningTokens: 0 }
  /** 100 tokens at 4.40 dollars a million. */
  const listPrice = 440_000_000n
  const stated = (amount: bigint) => ({ amount, source: "header", held: 0n }) as const

  it("keeps what was declared while charges are within it", () => {
    const markup = makeMarkupCalibration(gateway.markupPercent)
    assert.isFalse(markup.observe(stated((listPrice * 150n) / 100n), usage, call))
    assert.strictEqual(markup.percent(), 150)
  })

  it("is the highest ratio that was seen, and 5 % more", () => {
    const markup = makeMarkupCalibration(gateway.markupPercent)
    assert.isTrue(markup.observe(stated(listPrice * 2n), usage, call))
    assert.strictEqual(markup.percent(), 210)
    assert.isFalse(markup.observe(stated((listPrice * 190n) / 100n), usage, call), "a lower one changes nothing")
    assert.isTrue(markup.observe(stated(listPrice * 3n), usage, call))
    assert.strictEqual(markup.percent(), 315)
  })

  it("learns nothing from estimates, nor without usage", () => {
    const markup = makeMarkupCalibration(played.markupPercent)
    assert.isFalse(markup.observe({ amount: listPrice * 9n, source: "usage", held: 0n }, usage, call))
    assert.isFalse(markup.observe(stated(listPrice * 9n), undefined, call))
    assert.isFalse(markup.observe(stated(1n), { ...usage, completionTokens: 0 }, call))
    assert.strictEqual(markup.percent(), 100)
  })
})
