import { assert, describe, it } from "@effect/vitest"
import { Redacted } from "effect"
import { batchSupport } from "../../src/batch.ts"
import { findModel, openAiCompatible, type Provider, segmind } from "../../src/index.ts"
import { o3mini } from "../support/requests.ts"

const key = Redacted.make("sk-0123456789abcdef")
const openai = openAiCompatible(key, "https://api.openai.com", "openai")
const tell = (provider: Provider, today?: string, slug = "o3-mini") => {
  const support = batchSupport(provider, findModel(slug) ?? o3mini, today)
  return support._tag === "Supported" ? "" : support.reason
}

describe("who can batch", () => {
  it("OpenAI can, by its name or by its address", () => {
    assert.strictEqual(tell(openai), "")
    assert.strictEqual(tell(openAiCompatible(key, "https://api.openai.com", "mine")), "")
    assert.strictEqual(tell(openAiCompatible(key, "https://eu.api.openai.com/", "mine")), "")
  })

  it("Segmind cannot, nor can a server that only speaks like OpenAI", () => {
    assert.include(tell(segmind(key)), "Segmind")
    assert.include(tell(openAiCompatible(key, "http://127.0.0.1:11434", "ollama")), "ollama is another server")
    assert.notStrictEqual(tell(openAiCompatible(key, "https://api.openai.com.example", "mine")), "")
  })

  it("a retired model cannot, from the reported day on", () => {
    assert.strictEqual(tell(openai, "2026-10-22"), "")
    assert.include(tell(openai, "2026-10-23"), "retired o3-mini on 2026-10-23")
    assert.strictEqual(tell(openai, "2026-10-23", "o4-mini"), "")
  })
})
