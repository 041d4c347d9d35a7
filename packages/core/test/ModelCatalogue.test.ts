import { assert, describe, it } from "@effect/vitest"
import { findModel, modelCatalogue } from "../src/index.ts"

describe("modelCatalogue", () => {
  it("names each model once, with prices and limits that can be: cached input is cheaper, and output dearest", () => {
    assert.strictEqual(new Set(modelCatalogue.map(({ slug }) => slug)).size, modelCatalogue.length)
    for (const model of modelCatalogue) {
      assert.isTrue(model.cachedInputPrice < model.inputPrice && model.inputPrice < model.outputPrice, model.slug)
      assert.isTrue(model.outputLimitTokens < model.contextTokens, model.slug)
    }
  })

  it("has the list prices to the pico-credit, a token", () => {
    assert.deepInclude(findModel("gpt-5-nano"), {
      inputPrice: 50_000n,
      cachedInputPrice: 5_000n,
      outputPrice: 400_000n
    })
    assert.deepInclude(findModel("gpt-4o-mini"), { inputPrice: 150_000n, cachedInputPrice: 75_000n })
    assert.deepInclude(findModel("o3-mini"), {
      textOnly: true,
      reasoningEffort: true,
      reportedRetirement: "2026-10-23"
    })
    assert.deepInclude(findModel("gpt-4.1"), { textOnly: false, reasoningEffort: false, contextTokens: 1_047_576 })
  })
})
