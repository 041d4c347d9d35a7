import { assert, describe, it } from "@effect/vitest"
import { Redacted } from "effect"
import { type CompletionRequest, completionKey, type Provider } from "../src/index.ts"
import { played, request } from "./support/requests.ts"

const key = completionKey(request, played)

describe("completionKey", () => {
  it("is 32 hex digits and the same every time", () => {
    assert.match(key, /^[0-9a-f]{32}$/)
    assert.strictEqual(completionKey(structuredClone(request), played), key)
  })

  it("does not hold the API key, nor what a provider charges", () => {
    assert.strictEqual(completionKey(request, { ...played, apiKey: Redacted.make("another"), markupPercent: 300 }), key)
  })

  it("does not hold a target that rides along", () => {
    const withTarget = { ...request, target: "42" }
    assert.strictEqual(completionKey(withTarget, played), key)
  })

  it("is that of the defaults when they are spelled out", () => {
    assert.strictEqual(completionKey({ ...request, kind: "answer", trialIndex: 0, json: false }, played), key)
  })

  const requests: ReadonlyArray<readonly [string, CompletionRequest]> = [
    ["model", { ...request, model: "o4-mini" }],
    ["content", { ...request, messages: [{ role: "user", content: "6 × 8?" }] }],
    ["role", { ...request, messages: request.messages.map((message) => ({ ...message, role: "user" })) }],
    ["order of messages", { ...request, messages: request.messages.toReversed() }],
    ["border between messages", { ...request, messages: [{ role: "system", content: "Answer with a number.6 × 7?" }] }],
    ["effort", { ...request, reasoningEffort: "low" }],
    ["cap", { ...request, maxCompletionTokens: 1001 }],
    ["seed", { ...request, seed: 0 }],
    ["JSON format", { ...request, json: true }],
    ["kind", { ...request, kind: "judge" }],
    ["trial index", { ...request, trialIndex: 1 }]
  ]
  it.each(requests)("differs by the %s", (_, changed) => {
    assert.notStrictEqual(completionKey(changed, played), key)
  })

  const providers: ReadonlyArray<readonly [string, Provider]> = [
    ["name", { ...played, name: "segmind" }],
    ["base URL", { ...played, baseUrl: "http://other.invalid" }],
    ["origin", { ...played, origin: "simulator" }]
  ]
  it.each(providers)("differs by the provider's %s", (_, provider) => {
    assert.notStrictEqual(completionKey(request, provider), key)
  })

  it("is the same on every port when an origin stands for the base URL", () => {
    const here = { ...played, origin: "simulator", baseUrl: "http://127.0.0.1:1" }
    const there = { ...here, baseUrl: "http://127.0.0.1:2" }
    assert.strictEqual(completionKey(request, here), completionKey(request, there))
  })

  it("is the same whichever provider is the default, and whatever name asked for it", () => {
    assert.strictEqual(completionKey({ ...request, provider: "simulator" }, played), key)
  })
})
