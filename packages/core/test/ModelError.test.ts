import { assert, describe, it } from "@effect/vitest"
import { Duration, Schema } from "effect"
import { BudgetExceeded, CallInDoubt, RateLimited, UnexpectedReply } from "../src/index.ts"

const exceeded = new BudgetExceeded({ limit: 10n ** 12n, spent: 9n * 10n ** 11n, held: 0n, needed: 2n * 10n ** 11n })

describe("an error with money in it", () => {
  it.each([
    [
      exceeded,
      {
        _tag: "BudgetExceeded",
        limit: "1",
        spent: "0.9",
        held: "0",
        needed: "0.2",
        message: "Stopped at the budget: 0.9 of 1 credits spent, and the next call may need 0.2."
      }
    ],
    [
      new CallInDoubt({ provider: "segmind", attemptId: "0f", held: 5n * 10n ** 9n, reason: "no reply" }),
      {
        _tag: "CallInDoubt",
        provider: "segmind",
        attemptId: "0f",
        held: "0.005",
        reason: "no reply",
        message: "The fate of a call to segmind is unknown (no reply); up to 0.005 credits are held for it."
      }
    ],
    [
      new UnexpectedReply({ provider: "segmind", attemptId: "0f", charged: 1n, reason: "no JSON" }),
      {
        _tag: "UnexpectedReply",
        provider: "segmind",
        attemptId: "0f",
        charged: "0.000000000001",
        reason: "no JSON",
        message: "segmind charged 0.000000000001 credits for a reply that cannot be read: no JSON"
      }
    ]
  ])("becomes JSON with decimal credits", (error, expected) => {
    assert.deepStrictEqual(JSON.parse(JSON.stringify(error)), expected)
  })

  it("can be written by its schema and read again", () => {
    const encoded = Schema.encodeSync(BudgetExceeded)(exceeded)
    assert.strictEqual(encoded.needed, "0.2")
    assert.strictEqual(Schema.decodeSync(BudgetExceeded)(encoded).message, exceeded.message)
  })
})

describe("RateLimited", () => {
  it("tells the wait only when the server named one", () => {
    const limited = { provider: "segmind", attempts: 7 }
    assert.strictEqual(
      new RateLimited({ ...limited, retryAfter: undefined }).message,
      "segmind still limits the rate after 7 attempts."
    )
    assert.strictEqual(
      new RateLimited({ ...limited, retryAfter: Duration.seconds(90) }).message,
      "segmind still limits the rate after 7 attempts, and asks to wait 1m 30s."
    )
  })
})
