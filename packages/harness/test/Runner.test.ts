import { Ledger } from "@assay/core"
import { answer, delayed, HttpScript, json, maybeSent, neverEnding, notSent, type Step } from "@assay/core/testing"
import { describe, expect, it } from "@effect/vitest"
import { Cause, Deferred, Duration, Effect, Exit, Fiber, Layer } from "effect"
import { TestClock } from "effect/testing"
import { type RunEvent, RunStore, type Scorer, scored, trialKeyOf } from "../src/index.ts"
import { layerRunStoreOnDisk, makeRun, services, spent, tinyPlan } from "./support/runs.ts"

const ok = () => answer({ content: "ok" })
const slow = (duration: Duration.Input) => () => delayed(duration, ok())
const requests = Effect.map(
  Effect.flatMap(HttpScript, (script) => script.requests),
  ({ length }) => length
)
const totals = Effect.flatMap(Ledger, (ledger) => ledger.totals)

/** Moves the clock on in steps, so that what is due at one step can begin what is due at the next. */
const pass = (seconds: number) => Effect.repeat(TestClock.adjust("1 second"), { times: seconds - 1 })

/** Runs to the end, for which it has an hour on the clock. */
const finish = <A, E, R>(execution: Effect.Effect<A, E, R>) =>
  Effect.gen(function* () {
    const running = yield* Effect.forkChild(execution)
    for (let seconds = 0; seconds < 3600 && running.pollUnsafe() === undefined; seconds += 1) yield* pass(1)
    const exit = running.pollUnsafe()
    return exit === undefined ? expect.fail("the run hangs") : yield* exit
  })

const expectGapless = (events: ReadonlyArray<RunEvent>) => {
  expect(events.map(({ seq }) => seq)).toEqual(events.map((_, index) => index + 1))
  expect(events.at(0)?._tag).toBe("RunStarted")
  expect(events.at(-1)?._tag).toBe("RunEnded")
}

describe("a run that completes", () => {
  const plan = tinyPlan({ samples: 5, prompts: { plain: "{{question}}", polite: "Please: {{question}}" }, trials: 2 })

  it.effect("calls, scores and writes every trial once, and says so", () => {
    const run = makeRun(plan)
    return Effect.gen(function* () {
      const result = yield* finish(run.execute())
      expect(result).toEqual({ status: "completed", reason: undefined, cause: undefined })
      expect(yield* requests).toBe(20)
      expect(yield* run.count("passed")).toBe(20)
      expect(new Set((yield* run.outcomes).map(trialKeyOf)).size).toBe(20)
      expect(yield* run.status).toBe("completed")
      expectGapless(run.events)
      expect(run.of("TrialEnded")).toHaveLength(20)
      expect(run.of("RunEnded")[0]).toMatchObject({
        status: "completed",
        ledger: { settled: 20_000_000_000n, reserved: 0n, held: 0n },
        totals: [{ planned: 10, passed: 10, cost: 10_000_000_000n }, { passed: 10 }]
      })
    }).pipe(Effect.provide(services(ok)))
  })

  it.effect("has as many calls in flight as it may, and never more", () => {
    const run = makeRun(plan)
    let inFlight = 0
    let most = 0
    const counted = (): Step => (request) =>
      Effect.acquireUseRelease(
        Effect.sync(() => {
          inFlight += 1
          most = Math.max(most, inFlight)
        }),
        () => delayed("1 second", ok())(request),
        () =>
          Effect.sync(() => {
            inFlight -= 1
          })
      )
    return Effect.gen(function* () {
      yield* finish(run.execute({ concurrency: 3 }))
      expect(most).toBe(3)
      expect(run.of("RunEnded")[0]?.elapsedMillis).toBe(7000)
    }).pipe(Effect.provide(services(counted)))
  })

  it.effect("tells of a trial only when the store has it, and of the ledger never less than before", () => {
    const run = makeRun(plan)
    return Effect.gen(function* () {
      const store = yield* RunStore
      const emit = (event: RunEvent) =>
        Effect.gen(function* () {
          if (event._tag === "TrialEnded") {
            const stored = (yield* store.trialOutcomes(run.run.id)).map(trialKeyOf)
            expect(stored).toContain(trialKeyOf(event))
          }
          run.events.push(event)
        }).pipe(Effect.orDie)
      yield* finish(run.execute({ emit }))
      const settled = run.of("TrialEnded").map(({ ledger }) => ledger.settled)
      expect(settled).toHaveLength(20)
      expect(settled).toEqual(settled.toSorted((a, b) => (a < b ? -1 : a > b ? 1 : 0)))
    }).pipe(Effect.provide(services((_, index) => delayed(`${(index * 7) % 5} seconds`, ok()))))
  })

  it.effect("hands events to a slow taker one after the other, in order", () => {
    const run = makeRun(plan)
    let taking = 0
    const emit = (event: RunEvent) =>
      Effect.gen(function* () {
        taking += 1
        expect(taking).toBe(1)
        yield* Effect.sleep(Duration.millis((event.seq * 37) % 50))
        run.events.push(event)
        taking -= 1
      })
    return Effect.gen(function* () {
      yield* finish(run.execute({ emit }))
      expectGapless(run.events)
      expect(run.events).toHaveLength(22)
    }).pipe(Effect.provide(services(ok)))
  })

  it.effect("gives failed outputs a failed outcome with the scorer's reason", () => {
    const run = makeRun(tinyPlan({ samples: 2 }))
    return Effect.gen(function* () {
      expect(yield* finish(run.execute())).toMatchObject({ status: "completed" })
      expect(run.of("TrialEnded").map(({ outcome, reason }) => [outcome, reason])).toEqual([
        ["failed", 'The output is not the target "ok".'],
        ["failed", "The answer was cut at its token limit before any text: raise maxCompletionTokens."]
      ])
    }).pipe(
      Effect.provide(services([answer({ content: "no" }), answer({ content: "", finishReason: "length" })])),
      Effect.scoped
    )
  })
})

describe("scoring", () => {
  const slowly: Scorer<unknown, unknown> = {
    name: "slowly",
    version: 1,
    options: {},
    score: () => Effect.delay(Effect.succeed(scored({ value: 1, explanation: "at last" })), "1 minute")
  }

  it.effect("holds calls back only when 64 answers wait, 4 are scored and each caller has one more", () => {
    const run = makeRun(tinyPlan({ samples: 100, scorers: [slowly] }))
    return Effect.gen(function* () {
      const running = yield* Effect.forkChild(run.execute({ concurrency: 8 }))
      yield* pass(30)
      expect(yield* requests).toBe(64 + 4 + 8)
      expect(yield* run.count("passed")).toBe(0)
      yield* pass(30 * 60)
      expect(yield* Fiber.join(running)).toMatchObject({ status: "completed" })
      expect(yield* run.count("passed")).toBe(100)
    }).pipe(Effect.provide(services(ok)))
  })

  it.effect("does not block calls while the queue has room", () => {
    const run = makeRun(tinyPlan({ samples: 60, scorers: [slowly] }))
    return Effect.gen(function* () {
      const running = yield* Effect.forkChild(run.execute({ concurrency: 2 }))
      yield* pass(40)
      expect(yield* requests).toBe(60)
      yield* Fiber.interrupt(running)
    }).pipe(Effect.provide(services(slow("1 second"))))
  })
})

describe("a run that its budget stops", () => {
  it.effect.each([1, 3, 16])(
    "keeps what is finished and never passes its limit, with %i calls at once",
    (concurrency) => {
      const run = makeRun(tinyPlan({ samples: 40 }))
      const limit = 20_000_000_000n
      return Effect.gen(function* () {
        const result = yield* finish(run.execute({ concurrency }))
        expect(result).toMatchObject({ status: "out-of-budget", cause: { _tag: "BudgetExceeded" } })
        const passed = yield* run.count("passed")
        expect(passed).toBe(yield* requests)
        expect(passed).toBeGreaterThan(10)
        expect(passed).toBeLessThan(40)
        expect(yield* run.outcomes).toHaveLength(passed)
        expect(yield* totals).toEqual({ limit, settled: BigInt(passed) * 1_000_000_000n, reserved: 0n, held: 0n })
        expect(run.of("RunStopping")).toHaveLength(1)
        for (const { ledger } of run.of("TrialEnded")) expect(spent(ledger) <= limit).toBe(true)
        expectGapless(run.events)
        expect(yield* run.status).toBe("out-of-budget")
      }).pipe(Effect.provide(services(slow("1 second"), { limit })))
    }
  )
})

describe("a fault that no trial can survive", () => {
  it.effect.each([
    ["Unauthorized", 401, "incomplete"],
    ["ModelRetired", 410, "incomplete"],
    ["OutOfCredits", 402, "out-of-budget"]
  ] as const)("stops the run at once: %s", ([tag, status, ends]) => {
    const run = makeRun(tinyPlan({ samples: 20 }))
    const refusing = (_: unknown, index: number) => (index < 3 ? ok() : json(status, { error: "no" }))
    return Effect.gen(function* () {
      const result = yield* finish(run.execute({ concurrency: 1 }))
      expect(result).toMatchObject({ status: ends, cause: { _tag: tag } })
      expect(yield* requests).toBe(4)
      expect((yield* run.outcomes).map(({ outcome }) => outcome)).toEqual(["passed", "passed", "passed"])
      expectGapless(run.events)
    }).pipe(Effect.provide(services(refusing)))
  })
})

describe("failures of the provider", () => {
  it.effect("stop the run when the client's circuit opens", () => {
    const run = makeRun(tinyPlan({ samples: 20 }))
    return Effect.gen(function* () {
      const result = yield* finish(run.execute({ concurrency: 1 }))
      expect(result).toMatchObject({ status: "incomplete", cause: { _tag: "ProviderDown" } })
      expect(result.reason).toContain("failed 5 times in a row")
      expect(yield* run.count("unscored")).toBe(1)
      expect(run.of("TrialEnded")[0]).toMatchObject({ outcome: "unscored", attempts: 5, cost: 0n })
    }).pipe(Effect.provide(services(() => notSent())))
  })

  it.effect(
    "stop the run when the rate limit lets five calls in a row not through, and one that it lets through begins anew",
    () => {
      const run = makeRun(tinyPlan({ samples: 20 }))
      // Four calls are limited to the end, one is answered, and all after it are limited.
      const limited = json(429, { error: "Rate limit exceeded" })
      let answered = false
      return Effect.gen(function* () {
        const unscored = () => run.of("TrialEnded").filter(({ outcome }) => outcome === "unscored").length
        const result = yield* finish(run.execute({ concurrency: 1 }))
        expect(result).toMatchObject({ status: "incomplete", cause: { _tag: "ProviderDown" } })
        expect(result.reason).toContain("5 calls in a row failed")
        expect([unscored(), yield* run.count("passed")]).toEqual([9, 1])
      }).pipe(
        Effect.provide(
          services(() => {
            const ended = run.of("TrialEnded").length
            if (ended === 4 && !answered) {
              answered = true
              return ok()
            }
            return limited
          })
        )
      )
    }
  )

  it.effect("stop the run when five calls in a row are lost, and what they hold is told", () => {
    const run = makeRun(tinyPlan({ samples: 20 }))
    return Effect.gen(function* () {
      const result = yield* finish(run.execute({ concurrency: 1 }))
      expect(result).toMatchObject({ status: "incomplete", cause: { _tag: "ProviderDown" } })
      expect(yield* requests).toBe(5)
      expect(run.of("RunEnded")[0]?.ledger.held).toBe((yield* totals).held)
      expect((yield* totals).held).toBeGreaterThan(0n)
    }).pipe(Effect.provide(services(() => maybeSent())))
  })

  it.effect("leave single trials unscored, and the run goes on", () => {
    const run = makeRun(tinyPlan({ samples: 20 }))
    const broken = (_: unknown, index: number) => (index % 5 === 4 ? ok() : maybeSent())
    return Effect.gen(function* () {
      const result = yield* finish(run.execute({ concurrency: 1 }))
      expect(result).toEqual({ status: "incomplete", reason: "16 trials have no score", cause: undefined })
      expect(yield* requests).toBe(20)
      expect(yield* run.count("unscored")).toBe(16)
      expect(yield* run.count("passed")).toBe(4)
    }).pipe(Effect.provide(services(broken)))
  })

  it.effect("of the request do not count as the provider's", () => {
    const run = makeRun(tinyPlan({ samples: 12 }))
    return Effect.gen(function* () {
      const result = yield* finish(run.execute({ concurrency: 1, maxErrors: 12 }))
      expect(result).toEqual({ status: "completed", reason: undefined, cause: undefined })
      expect(yield* run.count("unscored")).toBe(12)
    }).pipe(Effect.provide(services(() => json(400, { error: "bad" }))))
  })

  it.effect("make a run incomplete only over the errors that it allows", () => {
    const run = makeRun(tinyPlan({ samples: 3 }))
    const script = [ok(), json(400, { error: "bad" }), ok()]
    return Effect.gen(function* () {
      expect(yield* finish(run.execute({ maxErrors: 1 }))).toMatchObject({ status: "completed" })
    }).pipe(Effect.provide(services(script)))
  })

  it.effect("say what an unreadable reply has cost", () => {
    const run = makeRun(tinyPlan({ samples: 1 }))
    return Effect.gen(function* () {
      const result = yield* finish(run.execute())
      expect(result.reason).toBe("1 trial has no score")
      expect(run.of("TrialEnded")[0]).toMatchObject({ outcome: "unscored", cost: 3_000_000_000n, attempts: 1 })
    }).pipe(Effect.provide(services([json(200, { no: "choices" }, { "x-cost": "0.003" })])))
  })
})

describe("a signal", () => {
  const begin = (run: ReturnType<typeof makeRun>, concurrency = 2) =>
    Effect.gen(function* () {
      const stop = yield* Deferred.make<void>()
      const abort = yield* Deferred.make<void>()
      const options = { concurrency, stop: Deferred.await(stop), abort: Deferred.await(abort) }
      const running = yield* Effect.forkChild(run.execute(options))
      return { running, stop: Deferred.succeed(stop, undefined), abort: Deferred.succeed(abort, undefined) }
    })

  it.effect("lets calls in flight end and begins no other", () => {
    const run = makeRun(tinyPlan({ samples: 20 }))
    return Effect.gen(function* () {
      const { running, stop } = yield* begin(run)
      yield* pass(8)
      yield* stop
      yield* pass(1)
      expect(running.pollUnsafe()).toBeUndefined()
      expect(run.of("RunStopping")).toMatchObject([{ inFlight: 2 }])
      yield* pass(1)
      expect(yield* Fiber.join(running)).toMatchObject({ status: "interrupted", cause: { _tag: "Signal" } })
      expect(yield* requests).toBe(4)
      expect(yield* run.count("passed")).toBe(4)
      expect(yield* totals).toMatchObject({ reserved: 0n, held: 0n })
      expect(yield* run.status).toBe("interrupted")
      expectGapless(run.events)
    }).pipe(Effect.provide(services(slow("5 seconds"))))
  })

  it.effect("gives calls in flight ten seconds, and holds what they may cost", () => {
    const run = makeRun(tinyPlan({ samples: 20 }))
    return Effect.gen(function* () {
      const { running, stop } = yield* begin(run)
      yield* pass(3)
      yield* stop
      yield* TestClock.adjust("9900 millis")
      expect(running.pollUnsafe()).toBeUndefined()
      yield* TestClock.adjust("100 millis")
      expect(yield* Fiber.join(running)).toMatchObject({ status: "interrupted" })
      expect(yield* run.outcomes).toEqual([])
      expect(yield* totals).toMatchObject({ reserved: 0n, settled: 0n })
      expect((yield* totals).held).toBeGreaterThan(0n)
    }).pipe(Effect.provide(services(() => neverEnding)))
  })

  it.effect.each([true, false])("to abort ends at once, after a stop: %s", (stopFirst) => {
    const run = makeRun(tinyPlan({ samples: 20 }))
    return Effect.gen(function* () {
      const { running, stop, abort } = yield* begin(run)
      yield* pass(1)
      if (stopFirst) yield* stop
      yield* abort
      yield* TestClock.adjust("1 milli")
      expect(yield* Fiber.join(running)).toMatchObject({ status: "interrupted", cause: { _tag: "Signal" } })
      expect((yield* totals).held).toBeGreaterThan(0n)
      expectGapless(run.events)
    }).pipe(Effect.provide(services(() => neverEnding)))
  })

  it.effect("that comes while only scorers work is not answered by waiting for them without end", () => {
    const stuck: Scorer<unknown, unknown> = { name: "stuck", version: 1, options: {}, score: () => Effect.never }
    const run = makeRun(tinyPlan({ samples: 2, scorers: [stuck] }))
    return Effect.gen(function* () {
      const { running, stop } = yield* begin(run)
      yield* pass(5)
      yield* stop
      yield* pass(10)
      expect(yield* Fiber.join(running)).toMatchObject({ status: "interrupted" })
      expect(yield* run.outcomes).toEqual([])
      expect((yield* totals).settled).toBe(2_000_000_000n)
      expectGapless(run.events)
    }).pipe(Effect.provide(services(ok)))
  })

  it.effect("that comes when nothing is left to begin does not spoil a run that then completes", () => {
    const run = makeRun(tinyPlan({ samples: 2 }))
    return Effect.gen(function* () {
      const { running, stop } = yield* begin(run)
      yield* pass(4)
      yield* stop
      yield* pass(1)
      expect(yield* Fiber.join(running)).toEqual({ status: "completed", reason: undefined, cause: undefined })
    }).pipe(Effect.provide(services(slow("5 seconds"))))
  })

  it.effect("of the caller's own interruption leaves nothing reserved", () => {
    const run = makeRun(tinyPlan({ samples: 20 }))
    return Effect.gen(function* () {
      const { running } = yield* begin(run)
      yield* pass(1)
      yield* Fiber.interrupt(running)
      expect(yield* totals).toMatchObject({ reserved: 0n })
      const before = yield* requests
      yield* pass(100)
      expect(yield* requests).toBe(before)
    }).pipe(Effect.provide(services(() => neverEnding)))
  })
})

describe("a store that fails", () => {
  const onDisk = (disk: { isFull: boolean }, script: () => Step) =>
    Layer.merge(services(script, { recall: true }), layerRunStoreOnDisk(disk))

  it.effect.each([
    ["an answered trial", ok],
    ["a trial without an answer", () => json(400, { error: "bad" })]
  ] as const)("while it saves %s ends the run with that failure", ([, script]) => {
    const run = makeRun(tinyPlan({ samples: 200 }))
    return Effect.gen(function* () {
      const exit = yield* Effect.exit(finish(run.execute({ concurrency: 8 })))
      expect(Exit.isFailure(exit) && Cause.squash(exit.cause)).toMatchObject({ _tag: "StoreFailed" })
      expect(run.of("TrialEnded")).toEqual([])
      expect((yield* totals).reserved).toBe(0n)
    }).pipe(Effect.provide(onDisk({ isFull: true }, script)))
  })

  it.effect("loses no answer that was paid for: the resumed run recalls it and buys none again", () => {
    const run = makeRun(tinyPlan({ samples: 20 }))
    const disk = { isFull: true }
    return Effect.gen(function* () {
      yield* Effect.exit(finish(run.execute({ concurrency: 8 })))
      const paid = yield* totals
      const bought = yield* requests
      expect(bought).toBeGreaterThan(0)
      expect(paid.settled).toBe(BigInt(bought) * 1_000_000_000n)
      disk.isFull = false
      expect(yield* finish(run.execute({ concurrency: 8 }))).toMatchObject({ status: "completed" })
      expect(yield* requests).toBe(20)
      expect(yield* run.count("passed")).toBe(20)
      expect((yield* totals).settled).toBe(20_000_000_000n)
    }).pipe(Effect.provide(onDisk(disk, ok)))
  })
})

describe("a resumed run", () => {
  it.effect("skips finished trials and tries those without a score again", () => {
    const run = makeRun(tinyPlan({ samples: 6 }))
    const script = (_: unknown, index: number) => (index === 1 || index === 4 ? json(400, { error: "bad" }) : ok())
    return Effect.gen(function* () {
      expect(yield* finish(run.execute({ concurrency: 1 }))).toMatchObject({ status: "incomplete" })
      const unscored = (yield* run.outcomes).filter(({ outcome }) => outcome === "unscored").map(trialKeyOf)
      expect(unscored).toHaveLength(2)
      run.events.length = 0
      expect(yield* finish(run.execute({ concurrency: 1 }))).toMatchObject({ status: "completed" })
      expect(run.of("RunStarted")[0]?.done).toMatchObject([{ planned: 6, passed: 4, failed: 0, unscored: 0 }])
      expect(run.of("TrialEnded").map(trialKeyOf).toSorted()).toEqual(unscored.toSorted())
      expect(yield* requests).toBe(8)
      expectGapless(run.events)
    }).pipe(Effect.provide(services(script)))
  })

  it.effect(
    "goes on after calls in doubt, which are not sent again, and does not take them for a provider that is down",
    () => {
      const run = makeRun(tinyPlan({ samples: 30 }))
      const script = (_: unknown, index: number) => (index < 8 ? neverEnding : ok())
      return Effect.gen(function* () {
        yield* finish(run.execute({ concurrency: 8, abort: Effect.sleep("1 second") }))
        expect(yield* requests).toBe(8)
        const { held } = yield* totals
        const result = yield* finish(run.execute({ concurrency: 4 }))
        expect(result).toEqual({ status: "incomplete", reason: "8 trials have no score", cause: undefined })
        expect(yield* requests).toBe(30)
        expect(yield* run.count("passed")).toBe(22)
        expect((yield* totals).held).toBe(held)
      }).pipe(Effect.provide(services(script, { recall: true })))
    }
  )

  it.effect("that is finished calls nobody", () => {
    const run = makeRun(tinyPlan({ samples: 3 }))
    return Effect.gen(function* () {
      yield* finish(run.execute())
      expect(yield* finish(run.execute())).toMatchObject({ status: "completed" })
      expect(yield* requests).toBe(3)
    }).pipe(Effect.provide(services(ok)))
  })
})
