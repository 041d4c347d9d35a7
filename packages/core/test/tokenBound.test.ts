import { assert, describe, it } from "@effect/vitest"
import { Effect, Schema } from "effect"
import { callBound } from "../src/index.ts"
import { countBytes, loadO200kCounter, tokenBound } from "../src/tokenBound.ts"
import { o3mini, played } from "./support/requests.ts"

const counter = await Effect.runPromise(loadO200kCounter)

describe("tokenBound", () => {
  it.each([false, true])("by bytes is the bound that calls have without a tokenizer, json %s", (json) => {
    const request = {
      model: "o3-mini",
      messages: [
        { role: "system" as const, content: "You count 🧮." },
        { role: "user" as const, content: "How many jars?" }
      ],
      maxCompletionTokens: 10,
      json
    }
    const tokens = BigInt(tokenBound(request, countBytes))
    assert.strictEqual(callBound(request, o3mini, played), tokens * o3mini.inputPrice + 10n * o3mini.outputPrice)
  })

  it.effect.prop("never is above the one by bytes, for any text", [Schema.String], ([text]) =>
    Effect.sync(() => {
      const request = { messages: [{ role: "user" as const, content: text }] }
      const count = counter ?? countBytes
      assert.isAtMost(tokenBound(request, count), tokenBound(request, countBytes))
      assert.isAtLeast(tokenBound(request, count), 40)
    })
  )
})

describe.skipIf(counter === undefined)("the counter of o200k_base", () => {
  const count = counter ?? countBytes

  it("counts as the vendor's tokenizer does", () => {
    assert.strictEqual(count("hello world"), 2)
    assert.strictEqual(count("The quick brown fox jumps over the lazy dog."), 10)
    assert.strictEqual(count(""), 0)
  })

  it("takes what looks like a special token for plain text", () => {
    assert.isAbove(count("<|endoftext|>"), 1)
  })

  it.each([
    ["letters", "a"],
    ["spaces", " "],
    ["signs", "="],
    ["ideographs", "漢"]
  ])("does not stop for a megabyte of %s", (_, unit) => {
    const text = unit.repeat(1_000_000 / Buffer.byteLength(unit))
    const started = performance.now()
    assert.strictEqual(count(text), Buffer.byteLength(text))
    assert.isBelow(performance.now() - started, 1_000)
  })
})
