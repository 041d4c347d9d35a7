import { assert, describe, it } from "@effect/vitest"
import { withMarkup } from "../src/callBound.ts"
import { type CompletionRequest, callBound } from "../src/index.ts"
import { compatible, gateway, o3mini, played, request } from "./support/requests.ts"
import { forSeeds } from "./support/seeds.ts"

describe("callBound", () => {
  it("is bytes and cap at list price where the cap is honoured", () => {
    // 21 and 6 bytes of text ("×" has two), 8 a message, 32 for the frame; 1.10 and 4.40 dollars a million tokens.
    const promptTokens = 21n + 7n + 16n + 32n
    assert.strictEqual(callBound(request, o3mini, played), promptTokens * 1_100_000n + 1000n * 4_400_000n)
  })

  it("takes the model's output limit where the cap may not be honoured, and the markup", () => {
    const list = 76n * 1_100_000n + 100_000n * 4_400_000n
    assert.strictEqual(callBound(request, o3mini, gateway), (list * 150n) / 100n)
  })

  it("grows with every byte, message and token, and is never under the price of a call that fills it", () => {
    forSeeds((chance) => {
      const content = Array.from({ length: chance.int(40) }, () =>
        chance.pick(["a", "é", "漢", "🙂", " ", "\ud800"])
      ).join("")
      const asked: CompletionRequest = {
        ...request,
        messages: [...request.messages, { role: "user", content }],
        maxCompletionTokens: 1 + chance.int(99_999),
        json: chance.next() < 0.5
      }
      const provider = chance.pick([played, compatible])
      const bound = callBound(asked, o3mini, provider)
      assert.isTrue(bound > callBound(request, o3mini, provider) - 1000n * o3mini.outputPrice)
      // A byte-level tokenizer makes at most one token of a byte.
      const mostPromptTokens = asked.messages.reduce(
        (sum, { content }) => sum + new TextEncoder().encode(content).length,
        0
      )
      const price =
        BigInt(mostPromptTokens) * o3mini.inputPrice + BigInt(asked.maxCompletionTokens) * o3mini.outputPrice
      assert.isTrue(bound >= price)
      const longer = { ...asked, maxCompletionTokens: asked.maxCompletionTokens + 1 }
      assert.strictEqual(callBound(longer, o3mini, provider) - bound, o3mini.outputPrice)
    })
  })
})

describe("withMarkup", () => {
  it("rounds up to a pico-credit, and a part of a percent up to a whole one", () => {
    assert.strictEqual(withMarkup(1n, { ...gateway, markupPercent: 150 }), 2n)
    assert.strictEqual(withMarkup(100n, { ...gateway, markupPercent: 101 }), 101n)
    assert.strictEqual(withMarkup(100n, { ...gateway, markupPercent: 100.1 }), 101n)
    assert.strictEqual(withMarkup(0n, gateway), 0n)
  })
})
