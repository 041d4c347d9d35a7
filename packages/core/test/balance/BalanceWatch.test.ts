import { assert, describe, it } from "@effect/vitest"
import { Effect, Exit, Fiber, Layer } from "effect"
import { TestClock } from "effect/testing"
import { BalanceWatch, layerBalanceWatch } from "../../src/balance/BalanceWatch.ts"
import { Ledger, LedgerJournal, layerLedgerJournalMemory, ModelClient } from "../../src/index.ts"
import { answer, delayed, layerHttpScripted, maybeSent, type Step, text } from "../../src/testing.ts"
import { gateway, request } from "../support/requests.ts"

const limit = 10_000_000_000_000n
const balance = (credits: string) => text(200, `{"credits":${credits},"free-credits":0}`)

/** A client on a watched journal; each step is what the provider answers next, to calls and readings alike. */
const watched = (...steps: ReadonlyArray<Step>) => {
  const http = layerHttpScripted(steps)
  return ModelClient.layer({ providers: [gateway] }).pipe(
    Layer.provideMerge(Ledger.layer({ budget: "run", limit })),
    Layer.provideMerge(layerBalanceWatch()),
    Layer.provideMerge(layerLedgerJournalMemory),
    Layer.provideMerge(http)
  )
}

const complete = (trialIndex: number) =>
  Effect.gen(function* () {
    const client = yield* ModelClient
    return yield* client.complete({ ...request, trialIndex })
  })

/** Lets time pass between two events: equal times prove no order. */
const pause = TestClock.adjust("1 second")

describe("BalanceWatch", () => {
  it.effect("reads headers and readings together, and names what others have spent", () =>
    Effect.gen(function* () {
      const watch = yield* BalanceWatch
      yield* watch.read(gateway)
      yield* pause
      yield* complete(1)
      yield* pause
      const before = yield* watch.view("segmind")
      assert.strictEqual(before?.balance, 9_999_000_000_000n)
      assert.isUndefined(before?.foreign)
      yield* complete(2)
      const after = yield* watch.view("segmind")
      assert.strictEqual(after?.balance, 9_491_000_000_000n)
      assert.isTrue((after?.foreign?.amount ?? 0n) > 480_000_000_000n)
      assert.isTrue((after?.foreign?.amount ?? 0n) <= 500_000_000_000n)
      assert.strictEqual(after?.burnRate?.calls, 2)
    }).pipe(
      Effect.provide(
        watched(
          balance("10.001"),
          answer({ cost: "0.002", headers: { "x-remaining-credits": "9.999" } }),
          answer({ cost: "0.008", headers: { "x-remaining-credits": "9.491" } })
        )
      )
    )
  )

  it.effect("frees a lost call by the sum, ten minutes later, with the journal", () =>
    Effect.gen(function* () {
      const watch = yield* BalanceWatch
      const journal = yield* LedgerJournal
      yield* watch.read(gateway)
      yield* pause
      yield* complete(1)
      yield* pause
      const lost = yield* Effect.exit(complete(2))
      assert.isTrue(Exit.isFailure(lost))
      assert.strictEqual((yield* journal.held("run")).length, 1)
      const options = { dropIsCost: true, soleProcess: true }
      yield* pause
      assert.deepInclude(yield* watch.audit(gateway, options), { _tag: "Keep" })
      yield* TestClock.adjust("10 minutes")
      assert.deepInclude(yield* watch.audit(gateway, options), { _tag: "Resolve" })
      assert.deepStrictEqual(yield* journal.held("run"), [])
      assert.strictEqual((yield* journal.totals("run")).held, 0n)
      assert.isUndefined((yield* watch.view("segmind"))?.foreign)
    }).pipe(
      Effect.provide(
        watched(
          balance("10.0000000001"),
          answer({ cost: "0.0020000001", headers: { "x-remaining-credits": "9.998" } }),
          maybeSent(),
          balance("9.998"),
          balance("9.998")
        )
      )
    )
  )

  it.effect("says that only a reading can tell the balance after five answers without one", () =>
    Effect.gen(function* () {
      const watch = yield* BalanceWatch
      for (const index of [1, 2, 3, 4, 5]) {
        assert.isFalse((yield* watch.view("segmind"))?.readWanted ?? false)
        yield* complete(index)
        yield* pause
      }
      assert.isTrue((yield* watch.view("segmind"))?.readWanted)
    }).pipe(Effect.provide(watched(...Array.from({ length: 5 }, () => answer({ cost: "0.002" })))))
  )

  it.effect("does not take the late charge of a call that an earlier process lost for someone else's", () =>
    Effect.gen(function* () {
      const journal = yield* LedgerJournal
      const held = { attemptId: "old", budget: "run", number: 1, class: "Ambiguous", status: undefined } as const
      yield* journal.open("run", limit)
      yield* journal.admit([
        {
          attemptId: "old",
          budget: "run",
          key: "k",
          kind: "answer",
          provider: "segmind",
          model: "o3-mini",
          bound: 600_000_000_000n,
          at: 0
        }
      ])
      yield* journal.hold({ ...held, requestId: undefined, reason: "lost", sentAt: 0, latencyMillis: 1 })
      const process = layerBalanceWatch().pipe(Layer.provideMerge(Layer.succeed(LedgerJournal, journal)))
      yield* Effect.gen(function* () {
        const watch = yield* BalanceWatch
        yield* (yield* LedgerJournal).open("run", limit)
        yield* watch.read(gateway)
        yield* pause
        yield* watch.read(gateway)
        assert.isUndefined((yield* watch.view("segmind"))?.foreign)
      }).pipe(Effect.provide(process))
    }).pipe(
      Effect.provide(
        Layer.mergeAll(layerLedgerJournalMemory, layerHttpScripted([balance("10.0001"), balance("9.5001")]))
      )
    )
  )

  it.effect("keeps a slow call's reply from looking like a top-up", () =>
    Effect.gen(function* () {
      const watch = yield* BalanceWatch
      const slow = yield* Effect.forkChild(complete(1), { startImmediately: true })
      yield* pause
      yield* complete(2)
      yield* TestClock.adjust("1 minute")
      yield* Fiber.join(slow)
      const view = yield* watch.view("segmind")
      assert.isUndefined(view?.topUp)
      assert.isUndefined(view?.foreign)
      assert.strictEqual(view?.balance, 9_996_000_000_000n)
    }).pipe(
      Effect.provide(
        watched(
          delayed(30_000, answer({ cost: "0.002", headers: { "x-remaining-credits": "9.998" } })),
          answer({ cost: "0.002", headers: { "x-remaining-credits": "9.996" } })
        )
      )
    )
  )
})
