import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber } from "effect"
import { TestClock } from "effect/testing"
import { accountBalance } from "../src/index.ts"
import { HttpScript, json, layerHttpScripted, neverEnding, notSent, text } from "../src/testing.ts"
import { gateway, secret } from "./support/requests.ts"

describe("accountBalance", () => {
  it.effect.each([
    ['{"credits":0.0,"free-credits":0.0184921035}', 18_492_103_500n],
    ['{"credits":9.98461042,"free-credits":0.01}', 9_994_610_420_000n],
    ['{"credits":"9.5","free-credits":null}', 9_500_000_000_000n],
    ['{"credits":0.9800000000000001}', 980_000_000_000n],
    ['{"credits":1e-3}', 1_000_000_000n]
  ] as const)("reads %s exactly", ([body, balance]) =>
    Effect.gen(function* () {
      assert.strictEqual(yield* accountBalance(gateway), balance)
    }).pipe(Effect.provide(layerHttpScripted([text(200, body)])))
  )

  it.effect.each(["{}", "[]", "", "<html>", '{"credits":null}', '{"credits":"lots"}', '{"credits":-1}'])(
    "says that it cannot read %s",
    (body) =>
      Effect.gen(function* () {
        const error = yield* Effect.flip(accountBalance(gateway))
        assert.strictEqual(error.message, "segmind failed with 200 after 1 attempts: the balance cannot be read")
      }).pipe(Effect.provide(layerHttpScripted([text(200, body)])))
  )

  it.effect("tells a refusal with its status, and no key that is echoed", () =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(accountBalance(gateway))
      assert.deepInclude(error, { _tag: "ProviderFailed", status: 404 })
      assert.notInclude(JSON.stringify(error), secret)
    }).pipe(Effect.provide(layerHttpScripted([json(404, { error: `No credits found for ${secret}` })])))
  )

  it.effect("is unauthorized with a key that the gateway does not know, and tells no key that is echoed", () =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(accountBalance(gateway))
      assert.strictEqual(error._tag, "Unauthorized")
      assert.strictEqual(error.message, "segmind refused the API key: … is invalid")
    }).pipe(Effect.provide(layerHttpScripted([json(401, { error: `${secret} is invalid` })])))
  )

  it.effect.each([
    ["no connection", notSent()],
    ["no reply within 10 s", neverEnding]
  ] as const)("is unreachable with %s", ([, step]) =>
    Effect.gen(function* () {
      const reading = yield* Effect.forkChild(accountBalance(gateway))
      yield* TestClock.adjust("10 seconds")
      assert.strictEqual((yield* Effect.flip(Fiber.join(reading)))._tag, "ProviderUnreachable")
    }).pipe(Effect.provide(layerHttpScripted([step])))
  )

  it.effect("sends the key and nothing else", () =>
    Effect.gen(function* () {
      yield* Effect.withSpan(accountBalance(gateway), "a run")
      const [sent] = yield* (yield* HttpScript).requests
      assert.deepInclude(sent, { method: "GET", url: "https://api.segmind.com/v1/get-user-credits", body: "" })
      assert.deepStrictEqual(sent?.headers, { "x-api-key": secret })
    }).pipe(Effect.provide(layerHttpScripted([text(200, '{"credits":1}')])))
  )
})
