import { assert, describe, it } from "@effect/vitest"
import { Cause, Effect, Exit, Fiber } from "effect"
import { TestClock } from "effect/testing"
import { makeTimeouts } from "../../src/internal/makeTimeouts.ts"

describe("makeTimeouts", () => {
  it.effect("ends each work at its own time, the shorter first even when it came later", () =>
    Effect.gen(function* () {
      const timeouts = yield* makeTimeouts
      const long = yield* Effect.forkChild(timeouts(Effect.never, 10_000))
      yield* TestClock.adjust("2 seconds")
      const short = yield* Effect.forkChild(timeouts(Effect.never, 1000))
      yield* TestClock.adjust("999 millis")
      assert.isUndefined(short.pollUnsafe())
      yield* TestClock.adjust("1 millis")
      assert.isTrue(Cause.isTimeoutError(yield* Effect.flip(Fiber.join(short))))
      yield* TestClock.adjust("6999 millis")
      assert.isUndefined(long.pollUnsafe())
      yield* TestClock.adjust("1 millis")
      assert.isTrue(Cause.isTimeoutError(yield* Effect.flip(Fiber.join(long))))
    })
  )

  it.effect("gives what ends in time, success, failure or defect, and forgets it", () =>
    Effect.gen(function* () {
      const timeouts = yield* makeTimeouts
      assert.strictEqual(yield* timeouts(Effect.succeed(1), 1000), 1)
      assert.strictEqual(yield* Effect.flip(timeouts(Effect.fail("no"), 1000)), "no")
      assert.isTrue(Exit.hasDies(yield* Effect.exit(timeouts(Effect.die("bug"), 1000))))
      const slow = yield* Effect.forkChild(timeouts(Effect.delay(Effect.succeed(2), 900), 1000))
      yield* TestClock.adjust("1 hour")
      assert.strictEqual(yield* Fiber.join(slow), 2)
    })
  )

  it.effect("waits for the work to clean up, after its time and after an interruption alike", () =>
    Effect.gen(function* () {
      const timeouts = yield* makeTimeouts
      let cleaned = 0
      const work = Effect.onInterrupt(Effect.never, () =>
        Effect.andThen(
          Effect.sleep(500),
          Effect.sync(() => {
            cleaned += 1
          })
        )
      )
      const late = yield* Effect.forkChild(timeouts(work, 1000))
      yield* TestClock.adjust("1 second")
      assert.deepStrictEqual([late.pollUnsafe(), cleaned], [undefined, 0])
      yield* TestClock.adjust("500 millis")
      assert.strictEqual(cleaned, 1)
      const gone = yield* Effect.forkChild(timeouts(work, 60_000))
      yield* TestClock.adjust(0)
      const interrupting = yield* Effect.forkChild(Fiber.interrupt(gone))
      yield* TestClock.adjust("499 millis")
      assert.isUndefined(interrupting.pollUnsafe())
      yield* TestClock.adjust("1 millis")
      assert.strictEqual(cleaned, 2)
    })
  )
})
