import { describe, expect, it } from "vitest"
import { ask, hello, start } from "./support.ts"

const rulesOf = (violations: ReadonlyArray<{ readonly rule: string; readonly detail: string }>) =>
  violations.map(({ rule, detail }) => `${rule}: ${detail}`)

describe("strict mode", () => {
  it("lets pass what the contract describes, and records nothing", async () => {
    const simulator = await start({ strict: true })
    const body = { ...hello, reasoning_effort: "low", max_completion_tokens: 100, seed: 1 }
    expect((await ask(simulator, { body, headers: { accept: "application/json" } })).status).toBe(200)
    expect((await ask(simulator, { path: "/v2/o3-mini", body })).status).toBe(200)
    expect((await ask(simulator, { path: "/v1/get-user-credits", method: "GET", body: "" })).status).toBe(200)
    const openai = { "x-api-key": null, authorization: `Bearer ${simulator.apiKey}` }
    const chat = { path: "/v1/chat/completions", headers: openai, body: { ...body, model: "o3-mini" } }
    expect((await ask(simulator, chat)).status).toBe(200)
    expect(simulator.violations).toEqual([])
  })

  it.each([
    ["a trace header", { headers: { traceparent: "00-1" } }, "header: the header traceparent is not in the contract"],
    [
      "another key",
      { headers: { authorization: "Bearer x" } },
      "header: the header authorization is not in the contract"
    ],
    [
      "a content type with a charset",
      { headers: { "content-type": "application/json; charset=utf-8" } },
      'contentType: content-type is "application/json; charset=utf-8" and not "application/json"'
    ],
    [
      "a model in the body",
      { body: { ...hello, model: "o3-mini" } },
      "parameter: the parameter model must not be sent"
    ],
    ["a temperature", { body: { ...hello, temperature: 1 } }, "parameter: the parameter temperature must not be sent"],
    ["streaming", { body: { ...hello, stream: false } }, "parameter: the parameter stream must not be sent"],
    ["no JSON", { body: "{" }, "parameter: the body is not a JSON object"],
    [
      "the developer's role",
      { body: { messages: [{ role: "developer", content: "" }] } },
      "message: message 0 has no known role"
    ],
    [
      "a name beside a message",
      { body: { messages: [{ role: "user", content: "", name: "x" }] } },
      "message: message 0 carries name"
    ],
    ["no such route", { path: "/v3/o3-mini" }, "route: there is no POST /v3/o3-mini"]
  ])("answers 400 to %s and says which rule it broke", async (_, asked, expected) => {
    const simulator = await start({ strict: true })
    const answered = await ask(simulator, asked)
    expect(answered.status).toBe(400)
    expect(answered.text).toContain("Strict mode: ")
    expect(rulesOf(simulator.violations)).toEqual([expected])
    expect(simulator.account.charges).toBe(0)
    const control = await ask(simulator, { path: "/simulator/violations", method: "GET", body: "" })
    expect(JSON.parse(control.text)).toEqual({ strict: true, count: 1, violations: simulator.violations })
  })

  it("finds system and developer messages in one request", async () => {
    const simulator = await start({ strict: true })
    const messages = [
      { role: "system", content: "a" },
      { role: "developer", content: "b" }
    ]
    const headers = { "x-api-key": null, authorization: `Bearer ${simulator.apiKey}` }
    await ask(simulator, { path: "/v1/chat/completions", headers, body: { model: "o3-mini", messages } })
    expect(rulesOf(simulator.violations)).toEqual(["message: system and developer messages stand in one request"])
  })

  it("never records the value of a header", async () => {
    const simulator = await start({ strict: true })
    await ask(simulator, { headers: { "x-secret": "hunter2" } })
    expect(JSON.stringify(simulator.violations)).not.toContain("hunter2")
  })

  it("is off unless asked for", async () => {
    const simulator = await start()
    expect((await ask(simulator, { headers: { traceparent: "00-1" } })).status).toBe(200)
    expect(simulator.violations).toEqual([])
  })
})
