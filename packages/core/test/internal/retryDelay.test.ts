import { assert, describe, it } from "@effect/vitest"
import type { AttemptClass } from "../../src/index.ts"
import { type FailedAttempt, retryDelay } from "../../src/internal/retryDelay.ts"
import { forSeeds } from "../support/seeds.ts"

const failed = (attemptClass: AttemptClass, index = 0, retryAfterMillis?: number): FailedAttempt => ({
  class: attemptClass,
  reason: `${attemptClass} ${index}`,
  retryAfterMillis
})
const failures = (attemptClass: AttemptClass, count: number) =>
  Array.from({ length: count }, (_, index) => failed(attemptClass, index))

describe("retryDelay", () => {
  it.each([
    ["NotSent", 4],
    ["Throttled", 6],
    ["ServerError", 2],
    ["Ambiguous", 0],
    ["Rejected", 0],
    ["BilledUseless", 0],
    ["Answered", 0]
  ] as const)("repeats after %s %i times and no more", (attemptClass, retries) => {
    for (let count = 1; count <= retries; count += 1) {
      assert.isDefined(retryDelay(failures(attemptClass, count), 0.5), `after ${count}`)
    }
    assert.isUndefined(retryDelay(failures(attemptClass, retries + 1), 0.5))
  })

  it("counts each class for itself", () => {
    const mixed = [...failures("NotSent", 4), ...failures("ServerError", 2), ...failures("Throttled", 6)]
    assert.isDefined(retryDelay(mixed, 0.5))
    for (const attemptClass of ["NotSent", "ServerError", "Throttled"] as const) {
      assert.isUndefined(retryDelay([...mixed, failed(attemptClass, 9)], 0.5), attemptClass)
    }
  })

  it("stops at a 500 that repeats its own text: it is the request's fault", () => {
    const once = failed("ServerError", 1)
    assert.isDefined(retryDelay([once], 0.5))
    assert.isUndefined(retryDelay([once, once], 0.5))
    assert.isUndefined(retryDelay([once, failed("Throttled"), once], 0.5))
    assert.isDefined(retryDelay([once, failed("ServerError", 2)], 0.5))
  })

  it("doubles the ceiling of a full jitter from 0.5 s, from 1 s after a 429, and never passes 20 s", () => {
    const ceilings = (attemptClass: AttemptClass, count: number) =>
      Array.from({ length: count }, (_, index) => retryDelay(failures(attemptClass, index + 1), 1))
    assert.deepStrictEqual(ceilings("NotSent", 4), [500, 1000, 2000, 4000])
    assert.deepStrictEqual(ceilings("ServerError", 2), [500, 1000])
    assert.deepStrictEqual(ceilings("Throttled", 6), [1000, 2000, 4000, 8000, 16_000, 20_000])
    assert.strictEqual(retryDelay(failures("Throttled", 6), 0), 0)
  })

  it("never comes back sooner than the server asks, nor more than 1 s later, unless the backoff is longer", () => {
    forSeeds((chance) => {
      const count = 1 + chance.int(6)
      const wish = chance.int(120_000)
      const share = chance.next()
      const attempts = [...failures("Throttled", count - 1), failed("Throttled", count, wish)]
      const backoff = retryDelay(failures("Throttled", count), share) ?? Number.NaN
      const delay = retryDelay(attempts, share) ?? Number.NaN
      assert.isAtLeast(delay, wish)
      assert.isAtLeast(delay, backoff)
      assert.isAtMost(delay, Math.max(wish + 1000, backoff))
    })
  })

  it("spreads calls that were told the same time", () => {
    const told = [failed("Throttled", 1, 60_000)]
    assert.notStrictEqual(retryDelay(told, 0.1), retryDelay(told, 0.9))
  })
})
