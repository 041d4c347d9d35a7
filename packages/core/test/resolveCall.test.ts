import { assert, describe, it } from "@effect/vitest"
import { Result } from "effect"
import { type CompletionRequest, callBound, completionKey, livingSiblings, resolveCall } from "../src/index.ts"
import { gateway, o3mini, played, request } from "./support/requests.ts"

const options = { providers: [played, gateway] } as const
const refusalOf = (changed: Partial<CompletionRequest>) => {
  const error = Result.getOrThrow(Result.flip(resolveCall({ ...request, ...changed }, options)))
  assert.strictEqual(error.status, 0)
  return error.message
}

describe("resolveCall", () => {
  it("takes the first provider unless the request names another", () => {
    const first = Result.getOrThrow(resolveCall(request, options))
    assert.strictEqual(first.provider.name, "simulator")
    assert.strictEqual(first.key, completionKey(request, played))
    assert.strictEqual(first.bound, callBound(request, o3mini, played))
    const named = Result.getOrThrow(resolveCall({ ...request, provider: "segmind" }, options))
    assert.strictEqual(named.provider.name, "segmind")
    assert.isTrue(named.bound > first.bound)
  })

  it("takes a declared model before the catalogue's", () => {
    const dear = { ...o3mini, outputPrice: 1_000_000_000n }
    const own = { ...o3mini, slug: "my-model" }
    const declared = { ...options, models: [dear, own] }
    assert.strictEqual(Result.getOrThrow(resolveCall(request, declared)).model, dear)
    assert.strictEqual(Result.getOrThrow(resolveCall({ ...request, model: "my-model" }, declared)).model, own)
  })

  const refusals: ReadonlyArray<readonly [Partial<CompletionRequest>, string]> = [
    [{ provider: "openai" }, 'no provider is called "openai"; known: simulator, segmind'],
    [{ model: "../v2/o3-mini" }, '"../v2/o3-mini" is not a model slug'],
    [{ model: "o3-mini?x=1" }, '"o3-mini?x=1" is not a model slug'],
    [{ model: "" }, '"" is not a model slug'],
    [{ model: "gpt-9" }, "the model gpt-9 is not in the catalogue: declare its limits and prices"],
    [{ messages: [] }, "it has no messages"],
    [{ model: "gpt-4o", reasoningEffort: "low" }, "gpt-4o has no reasoning effort"],
    [{ maxCompletionTokens: 0 }, "maxCompletionTokens must be a whole number of 1 or more"],
    [{ maxCompletionTokens: 1.5 }, "maxCompletionTokens must be a whole number of 1 or more"],
    [{ maxCompletionTokens: Number.NaN }, "maxCompletionTokens must be a whole number of 1 or more"],
    [{ maxCompletionTokens: 100_001 }, "maxCompletionTokens is over the 100000 that o3-mini can give"],
    [{ seed: 0.5 }, "seed must be a whole number"],
    [{ seed: Number.NaN }, "seed must be a whole number"],
    [
      { messages: [{ role: "user", content: "x".repeat(1_600_000) }] },
      "the prompt is over the 200000 tokens of o3-mini's context window"
    ]
  ]
  it.each(refusals)("refuses %o before it costs anything", (changed, reason) => {
    assert.strictEqual(refusalOf(changed), `The request was not sent: ${reason}`)
  })
})

describe("livingSiblings", () => {
  it("names models that live on that day, the cheapest output first, without the one that is gone", () => {
    const before = livingSiblings("o3-mini", "2026-11-22")
    assert.notInclude(before, "o3-mini")
    assert.deepStrictEqual(before.slice(0, 3), ["gpt-5-nano", "gpt-4o-mini", "gpt-4.1-mini"])
    const after = livingSiblings("o3-mini", "2026-12-11")
    assert.notInclude(after, "o3")
    assert.notInclude(after, "gpt-5-mini")
    assert.include(after, "o4-mini")
  })
})
