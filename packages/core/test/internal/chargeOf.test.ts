import { assert, describe, it } from "@effect/vitest"
import type { Usage } from "../../src/index.ts"
import { chargeOf } from "../../src/internal/chargeOf.ts"
import { compatible, gateway, o3mini, played } from "../support/requests.ts"
import { forSeeds } from "../support/seeds.ts"

const bound = 10_000_000_000n
const usage: Usage = { promptTokens: 100, cachedPromptTokens: 40, completionTokens: 300, reasoningTokens: 256 }
/** 60 × 1.10, 40 × 0.55 and 300 × 4.40 dollars a million: reasoning is inside the 300. */
const listPrice = 60n * 1_100_000n + 40n * 550_000n + 300n * 4_400_000n

describe("chargeOf", () => {
  it("believes the header before anything else, to the last digit", () => {
    const headers = { "x-cost": "0.00138958", "x-litellm-response-cost": "9" }
    assert.deepStrictEqual(chargeOf(headers, usage, { bound, model: o3mini, provider: gateway }), {
      amount: 1_389_580_000n,
      source: "header",
      held: 0n
    })
  })

  it("rounds a header below a pico-credit up", () => {
    assert.strictEqual(
      chargeOf({ "x-cost": "0.0000000000001" }, usage, { bound, model: o3mini, provider: gateway }).amount,
      1n
    )
  })

  it("believes a proxy's header where the provider's own is missing or garbage", () => {
    for (const own of [undefined, "", "NaN"]) {
      const headers = { "x-cost": own, "x-litellm-response-cost": "3.45e-05" }
      const charge = chargeOf(headers, usage, { bound, model: o3mini, provider: compatible })
      assert.deepInclude(charge, { amount: 34_500_000n, source: "header" })
    }
  })

  it.each([
    ["OpenRouter's usage.cost", '{"usage":{"prompt_tokens":1,"cost":0.0000123456789012}}', 12_345_679n],
    ["Segmind v2's metrics.cost", '{"metrics":{"cost":1.38958e-3},"output":"42"}', 1_389_580_000n],
    ["a cost as text", '{"usage":{"cost":"0.5"}}', 500_000_000_000n],
    ["a free call", '{"usage":{"cost":0}}', 0n]
  ])("reads %s from the digits of the body", (_, body, amount) => {
    const charge = chargeOf({}, usage, { bound, model: o3mini, provider: compatible }, body)
    assert.deepStrictEqual(charge, { amount, source: "header", held: 0n })
    const told = chargeOf({ "x-cost": "1" }, usage, { bound, model: o3mini, provider: compatible }, body)
    assert.strictEqual(told.amount, 1_000_000_000_000n, "the header comes first")
  })

  it.each([
    '{"usage":{"cost":-1}}',
    '{"usage":{"cost":null}}',
    '{"cost":5}',
    '{"choices":[{"message":{"content":"{\\"usage\\":{\\"cost\\":5}}"}}]}',
    '{"usage":{"cost":5'
  ])("takes no cost from %s", (body) => {
    assert.strictEqual(chargeOf({}, usage, { bound, model: o3mini, provider: compatible }, body).source, "usage")
  })

  it("never takes a balance for a cost", () => {
    const charge = chargeOf({ "x-remaining-credits": "9.98" }, undefined, { bound, model: o3mini, provider: gateway })
    assert.deepStrictEqual(charge, { amount: bound, source: "bound", held: 0n })
  })

  it.each(["", "NaN", "-1", "0.1, 0.2", "0,98", "1e10", "None"])("counts tokens when the header says %j", (cost) => {
    const charge = chargeOf({ "x-cost": cost }, usage, { bound, model: o3mini, provider: played })
    assert.deepStrictEqual(charge, { amount: listPrice, source: "usage", held: bound - listPrice })
  })

  it("puts the markup on an estimate, and frees its rest only where prices are the server's own", () => {
    const segmind = chargeOf({}, usage, { bound, model: o3mini, provider: gateway })
    const marked = (listPrice * 150n + 99n) / 100n
    assert.deepStrictEqual(segmind, { amount: marked, source: "usage", held: bound - marked })
    const priced = chargeOf({}, usage, { bound, model: o3mini, provider: compatible })
    assert.deepStrictEqual(priced, { amount: listPrice, source: "usage", held: 0n })
  })

  it("charges all of the bound when nothing is known", () => {
    assert.deepStrictEqual(chargeOf({}, undefined, { bound, model: o3mini, provider: compatible }), {
      amount: bound,
      source: "bound",
      held: 0n
    })
  })

  it("tells a charge over the bound as it is", () => {
    const over = { ...usage, completionTokens: 100_000_000 }
    const estimated = chargeOf({}, over, { bound, model: o3mini, provider: gateway })
    assert.isTrue(estimated.amount > bound)
    assert.strictEqual(estimated.held, 0n)
    assert.strictEqual(chargeOf({ "x-cost": "5" }, usage, { bound, model: o3mini, provider: gateway }).held, 0n)
  })

  it("never commits less than the bound to an estimate that Segmind may see otherwise", () => {
    forSeeds((chance) => {
      const counted: Usage = {
        promptTokens: chance.int(5000),
        cachedPromptTokens: chance.int(9000),
        completionTokens: chance.int(5000),
        reasoningTokens: chance.int(5000)
      }
      const { amount, held } = chargeOf({}, counted, { bound, model: o3mini, provider: gateway })
      assert.isTrue(amount >= 0n && held >= 0n)
      assert.strictEqual(amount + held, amount > bound ? amount : bound)
    })
  })
})
