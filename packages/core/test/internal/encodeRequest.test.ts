import { assert, describe, it } from "@effect/vitest"
import type { HttpClientRequest } from "effect/http"
import { type CompletionRequest, type Provider, segmindV2 } from "../../src/index.ts"
import { encodeRequest } from "../../src/internal/encodeRequest.ts"
import { compatible, gateway, request, secret } from "../support/requests.ts"
import { forSeeds } from "../support/seeds.ts"

/** What W1 and the model take; all else is refused there, or changes what is measured. */
const allowed = ["messages", "reasoning_effort", "max_completion_tokens", "response_format", "seed"]

describe("encodeRequest", () => {
  it("writes Segmind's request exactly", () => {
    const encoded = encodeRequest({ ...request, reasoningEffort: "low", seed: 7, json: true }, gateway)
    assert.strictEqual(encoded.method, "POST")
    assert.strictEqual(encoded.url, "https://api.segmind.com/v1/o3-mini")
    const body =
      '{"messages":[{"role":"system","content":"Answer with a number."},{"role":"user","content":"6 × 7?"}],' +
      '"reasoning_effort":"low","max_completion_tokens":1000,"seed":7,"response_format":{"type":"json_object"}}'
    assert.strictEqual(textOf(encoded), body)
    assert.deepStrictEqual(
      { ...encoded.headers },
      {
        accept: "application/json",
        "content-type": "application/json",
        "x-api-key": secret
      }
    )
  })

  it("leaves out what was not asked for", () => {
    assert.deepStrictEqual(Object.keys(bodyOf(request, gateway)), ["messages", "max_completion_tokens"])
    assert.deepStrictEqual(Object.keys(bodyOf({ ...request, json: false }, gateway)), [
      "messages",
      "max_completion_tokens"
    ])
  })

  it("speaks to compatible servers with a model and a bearer key", () => {
    const encoded = encodeRequest(request, compatible)
    assert.strictEqual(encoded.url, "http://provider.invalid/v1/chat/completions")
    assert.strictEqual(encoded.headers["authorization"], `Bearer ${secret}`)
    assert.isUndefined(encoded.headers["x-api-key"])
    assert.strictEqual(bodyOf(request, compatible)["model"], "o3-mini")
  })

  it("submits to Segmind v2 what it would send to v1", () => {
    const encoded = encodeRequest(request, segmindV2(gateway.apiKey))
    assert.strictEqual(encoded.url, "https://api.segmind.com/v2/o3-mini")
    assert.strictEqual(textOf(encoded), textOf(encodeRequest(request, gateway)))
    assert.strictEqual(encoded.headers["x-api-key"], secret)
  })

  it("speaks to Azure's deployments, and to Ollama in its own word for the cap", () => {
    const path = "/openai/deployments/o3-mini/chat/completions?api-version=2024-12-01-preview"
    const azure = encodeRequest(request, { ...compatible, completionsPath: path, keyHeader: "api-key" })
    assert.strictEqual(azure.url, `http://provider.invalid${path}`)
    assert.strictEqual(azure.headers["api-key"], secret)
    assert.isUndefined(azure.headers["authorization"])
    const ollama = bodyOf(request, { ...compatible, capField: "max_tokens" })
    assert.strictEqual(ollama["max_tokens"], 1000)
    assert.notProperty(ollama, "max_completion_tokens")
  })

  it("sends nothing that the contract forbids, whatever rides along in a request", () => {
    const smuggled = {
      temperature: 0,
      top_p: 1,
      max_tokens: 5,
      tools: [],
      stream: true,
      logprobs: true,
      target: "42",
      apiKey: secret
    }
    forSeeds((chance) => {
      const asked: CompletionRequest = {
        ...smuggled,
        ...request,
        messages: request.messages.map((message) => ({ ...message, name: "x", tool_calls: [] })),
        ...(chance.next() < 0.5 ? { reasoningEffort: chance.pick(["low", "medium", "high"]) } : {}),
        ...(chance.next() < 0.5 ? { seed: chance.int(2 ** 31) } : {}),
        ...(chance.next() < 0.5 ? { json: true } : {}),
        kind: chance.pick(["answer", "judge", "probe"]),
        trialIndex: chance.int(5)
      }
      const body = bodyOf(asked, gateway)
      for (const name of Object.keys(body)) assert.include(allowed, name)
      assert.deepStrictEqual(body["messages"], request.messages)
      for (const name of Object.keys(bodyOf(asked, compatible))) assert.include([...allowed, "model"], name)
      const headers = Object.keys(encodeRequest(asked, gateway).headers).toSorted()
      assert.deepStrictEqual(headers, ["accept", "content-type", "x-api-key"])
    })
  })
})

const textOf = ({ body }: HttpClientRequest.HttpClientRequest): string =>
  body._tag === "Uint8Array" ? new TextDecoder().decode(body.body) : ""

const bodyOf = (asked: CompletionRequest, provider: Provider): Record<string, unknown> =>
  JSON.parse(textOf(encodeRequest(asked, provider)))
