import { assert, describe, it } from "@effect/vitest"
import { Effect, Exit, Fiber, Layer, Random } from "effect"
import { TestClock } from "effect/testing"
import { type CompletionRequest, callBound, Ledger, ModelClient } from "../src/index.ts"
import { HttpScript, layerHttpScripted } from "../src/testing.ts"
import { layerJournalWith, slow } from "./support/journals.ts"
import { emptyRecord, observed } from "./support/observedJournal.ts"
import { playedGateway } from "./support/playedGateway.ts"
import { o3mini, played } from "./support/requests.ts"
import { type Chance, forSeeds, forSeedsEffect } from "./support/seeds.ts"

const calls = 64
const trial = (index: number): CompletionRequest => ({
  model: "o3-mini",
  messages: [{ role: "user", content: `trial ${String(index).padStart(2, "0")}` }],
  maxCompletionTokens: 1000
})
const bound = callBound(trial(0), o3mini, played)

describe("64 calls at once, to a gateway that loses, delays, refuses, charges and garbles", () => {
  it.effect(
    "never spend more than the budget, whatever happens and whoever is interrupted",
    () =>
      forSeedsEffect((luck, seed) =>
        Effect.gen(function* () {
          const limit = bound + (bound * BigInt(luck.int(40_000))) / 1000n
          const { gateway, record, exits, requests, totals } = yield* run({
            seed,
            delaySeed: seed + 1,
            limit,
            concurrency: 1 + luck.int(calls),
            slowJournal: luck.int(3) === 0,
            breakers: luck.int(2) === 0,
            interruptions: luck
          })

          assert.strictEqual(exits.length, calls, "I16: no call hangs")
          assert.strictEqual(totals.reserved, 0n, "I3: nothing is in flight at the end")
          assert.strictEqual(record.ends.size, record.admitted.size, "I4: every attempt has ended")
          assert.isTrue(gateway.charged() <= totals.settled + totals.held, "I2: what was charged is accounted for")
          assert.isTrue(totals.settled + totals.held <= limit, "I1: the budget holds")

          const unsent = Array.from(record.ends.values()).filter(({ reason }) =>
            /^interrupted (before|while waiting for the budget)/.test(reason)
          )
          assert.strictEqual(requests, record.admitted.size - unsent.length, "I14: a request for every attempt sent")
          for (let index = 0; index < calls; index += 1) {
            assert.isAtMost(gateway.chargesOf(index).length, 1, `I14: trial ${index} is bought once`)
          }
          for (const exit of exits) {
            if (!Exit.isSuccess(exit)) continue
            const { attemptId, charge } = exit.value
            assert.deepStrictEqual(
              record.ends.get(attemptId)?.charge,
              charge,
              "I5: a completion tells its settled charge"
            )
          }
        })
      ),
    300_000
  )

  it.effect(
    "cost the same in whatever order they end",
    () =>
      forSeedsEffect((_, seed) =>
        Effect.gen(function* () {
          const one = yield* ends(seed, seed + 1, 64)
          const other = yield* ends(seed, seed + 2, 7)
          assert.notDeepEqual(one.order, other.order, "the control: they did end in another order")
          assert.deepStrictEqual(one.totals, other.totals, "I8: the sums are those of the outcomes")
          assert.deepStrictEqual(one.costs, other.costs, "I8: and so are the costs of each trial")
        })
      ),
    300_000
  )
})

describe("the gateway of these tests", () => {
  it("deals all outcomes, so that the properties above mean something", () => {
    let charged = 0
    let free = 0
    forSeeds((_, seed) => {
      const gateway = playedGateway({ seed, delaySeed: 0, bound })
      gateway.script({ method: "POST", url: "", headers: {}, body: "trial 00", at: 0 })
      if (gateway.charged() > 0n) charged += 1
      else free += 1
    })
    assert.isAbove(charged, 50)
    assert.isAbove(free, 50)
  })
})

interface RunOptions {
  readonly seed: number
  readonly delaySeed: number
  readonly limit: bigint
  readonly concurrency: number
  /** Whether the journal's decisions take time. */
  readonly slowJournal: boolean
  /** Whether repeated failures, refusals of the account and the retry budget stop calls. */
  readonly breakers: boolean
  /** Draws who is interrupted, and when; nobody without it. */
  readonly interruptions?: Chance
}

const unlimited = {
  circuit: { failures: Number.POSITIVE_INFINITY, retryAfter: 0 },
  retryBudget: { initial: Number.POSITIVE_INFINITY, perSuccess: 0 }
}

/** Runs all calls to their ends and tells what the gateway, the journal and the callers saw. */
const run = Effect.fnUntraced(function* (options: RunOptions) {
  const record = emptyRecord()
  const { seed, delaySeed, breakers } = options
  const gateway = playedGateway({ seed, delaySeed, bound, accountRefusals: breakers })
  gateway.watch(() =>
    Effect.sync(() => {
      const { settled, reserved, held } = record.sums
      assert.isTrue(gateway.charged() <= settled + reserved + held, "I2: a charge is always covered")
    })
  )
  const journal = layerJournalWith(observed(record))
  const client = ModelClient.layer({
    providers: [played],
    concurrency: options.concurrency,
    attemptTimeoutMillis: 2000,
    ...(breakers ? {} : unlimited)
  }).pipe(
    Layer.provideMerge(Ledger.layer({ budget: "run", limit: options.limit })),
    Layer.provideMerge(options.slowJournal ? layerJournalWith(slow, journal) : journal),
    Layer.provideMerge(layerHttpScripted(gateway.script))
  )
  return yield* Effect.gen(function* () {
    const { complete } = yield* ModelClient
    const fibers = yield* Effect.forEach(
      Array.from({ length: calls }, (_, index) => index),
      (index) => Effect.forkChild(complete(trial(index)))
    )
    const { interruptions } = options
    if (interruptions !== undefined) {
      for (const fiber of fibers) {
        if (interruptions.next() > 0.2) continue
        yield* Effect.forkChild(Effect.delay(Fiber.interrupt(fiber), interruptions.int(5000)))
      }
    }
    for (let minute = 0; minute < 60 && fibers.some((fiber) => fiber.pollUnsafe() === undefined); minute += 1) {
      yield* TestClock.adjust("1 minute")
    }
    const ended = fibers.flatMap((fiber) => fiber.pollUnsafe() ?? [])
    for (const exit of ended) {
      if (Exit.isFailure(exit) && Exit.hasDies(exit)) return yield* Effect.failCause(exit.cause)
    }
    const script = yield* HttpScript
    const ledger = yield* Ledger
    return {
      gateway,
      record,
      exits: ended,
      requests: (yield* script.requests).length,
      totals: yield* ledger.totals
    }
  }).pipe(Effect.provide(client), Effect.orDie, Random.withSeed(options.seed))
})

/** The ends of an ample budget, by trial and in their order. */
const ends = Effect.fnUntraced(function* (seed: number, delaySeed: number, concurrency: number) {
  const limit = bound * 1000n
  const { record, totals } = yield* run({ seed, delaySeed, limit, concurrency, slowJournal: false, breakers: false })
  const costs = new Map<string, bigint>()
  const order: Array<string> = []
  for (const [attemptId, { how, charge }] of record.ends) {
    const key = record.admitted.get(attemptId)?.key ?? ""
    order.push(`${key} ${how}`)
    costs.set(key, (costs.get(key) ?? 0n) + (charge?.amount ?? 0n))
  }
  return { totals, order, costs: Object.fromEntries(Array.from(costs).toSorted(([a], [b]) => a.localeCompare(b))) }
})
