import { describe, expect, it } from "vitest"
import { hashMessages, simulatedModels } from "../src/index.ts"
import { ask, completionOf, header, hello, manualClock, start } from "./support.ts"

const image = { messages: [{ role: "user", content: [{ type: "image_url", image_url: { url: "data:," } }] }] }

describe("a refused call", () => {
  it.each([
    ["no key", { headers: { "x-api-key": null } }, 401, { error: "Missing Authorization or x-api-key in header" }],
    [
      "a wrong key",
      { headers: { "x-api-key": "SG_0000000000000000" } },
      401,
      { error: "Unauthorized. API key is invalid or may have expired..." }
    ],
    [
      "a bearer alone",
      { headers: { "x-api-key": null, authorization: "Bearer SG_5151a7e051515151" } },
      401,
      { error: "Unauthorized. API key is invalid or may have expired..." }
    ],
    ["no content type", { headers: { "content-type": null } }, 406, { error: "Invalid content type" }],
    ["another content type", { headers: { "content-type": "text/json" } }, 406, { error: "Invalid content type" }],
    ["an unknown model", { path: "/v1/o9" }, 404, { error: "The model 'o9' does not exist" }],
    ["a slug that is none", { path: "/v1/o3%20mini" }, 404, { error: "Not found" }],
    ["a retired model", { path: "/v1/o1" }, 410, { error: "Model has been retired" }],
    ["a body that is no JSON", { body: '{"messages":' }, 400, { error: "Malformed JSON in the request body" }],
    ["no messages", { body: {} }, 400, { error: "Missing required parameter: 'messages'." }],
    [
      "a temperature",
      { body: { ...hello, temperature: 0 } },
      400,
      { error: "Unsupported parameter: 'temperature' is not supported with this model." }
    ],
    [
      "the old name of the cap",
      { body: { ...hello, max_tokens: 5 } },
      400,
      {
        error:
          "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead."
      }
    ],
    [
      "streaming",
      { body: { ...hello, stream: true } },
      400,
      { error: "Unrecognized request argument supplied: stream" }
    ],
    [
      "an image",
      { body: image },
      400,
      { error: "Invalid content type: this model takes text only, not images or parts." }
    ],
    [
      "an unknown effort",
      { body: { ...hello, reasoning_effort: "extreme" } },
      400,
      { error: `Invalid value: "extreme". Supported values are: 'low', 'medium', and 'high'.` }
    ],
    [
      "a cap of zero",
      { body: { ...hello, max_completion_tokens: 0 } },
      400,
      { error: "Invalid value for 'max_completion_tokens': expected an integer of at least 1." }
    ]
  ])("with %s gets its status and sentence, and costs nothing", async (_, asked, status, body) => {
    const simulator = await start()
    const answered = await ask(simulator, asked)
    expect(answered.status).toBe(status)
    expect(JSON.parse(answered.text)).toEqual(body)
    expect(answered.headers).not.toHaveProperty("x-cost")
    expect(simulator.account).toMatchObject({ balance: 10_000_000_000_000n, charges: 0, reserved: 0n })
  })

  it("by another verb is told so in HTML, even without a key", async () => {
    const answered = await ask(await start(), { method: "GET", headers: { "x-api-key": null }, body: "" })
    expect(answered.status).toBe(405)
    expect(header(answered, "content-type")).toBe("text/html")
    expect(answered.text).toContain("<h1>405 Not Allowed</h1>")
  })

  it("past the context window is told its length", async () => {
    const models = { "o3-mini": { ...simulatedModels["o3-mini"], contextWindow: 10 } as never }
    const answered = await ask(await start({ models }), {
      body: { messages: [{ role: "user", content: "x".repeat(80) }] }
    })
    expect(answered.status).toBe(400)
    expect(answered.text).toContain("maximum context length is 10 tokens")
  })
})

it("checks in the contract's order: mending the first fault of a call brings up the next", async () => {
  const o3Mini = simulatedModels["o3-mini"]
  if (o3Mini === undefined) throw new Error("The price list has lost its first entry.")
  const models = {
    "o3-mini": o3Mini,
    gone: { ...o3Mini, retired: true, forbidden: true },
    private: { ...o3Mini, forbidden: true }
  }
  const simulator = await start({ models, credits: 0n, requestsPerMinute: 2, clock: manualClock() })
  const allWrong = { headers: { "x-api-key": null, "content-type": null }, body: "{" }
  const statuses = []
  for (const asked of [
    { ...allWrong, path: "/v1/nothing", method: "PUT" },
    { ...allWrong, path: "/v1/nothing" },
    { headers: { "content-type": null }, body: "{", path: "/v1/nothing" },
    { body: "{", path: "/v1/nothing" },
    { body: "{", path: "/v1/gone" },
    { body: "{", path: "/v1/private" },
    { body: "{" },
    {},
    { body: "{" }
  ]) {
    statuses.push((await ask(simulator, asked)).status)
  }
  expect(statuses).toEqual([405, 401, 406, 404, 410, 403, 400, 406, 429])
})

it("answers 400 to whatever a body may be, and goes on", async () => {
  const simulator = await start()
  for (const body of [
    "",
    "null",
    "[]",
    '"text"',
    '{"messages":null}',
    '{"messages":[null]}',
    '{"messages":[{}]}',
    '{"messages":[{"role":"user","content":null}]}',
    '{"messages":[{"role":"__proto__","content":""}]}',
    '{"__proto__":{},"messages":[{"role":"user","content":""}]}',
    ...["null", '"json"', "{}", '{"type":"json_object"}'].map(
      (format) => `{"messages":[{"role":"user","content":""}],"response_format":${format}}`
    ),
    ...["1.5", '"1"', "1e300", "{}"].map((seed) => `{"messages":[{"role":"user","content":""}],"seed":${seed}}`),
    '{"messages":[{"role":"user","content":""}],"max_completion_tokens":100001}'
  ]) {
    expect([body, (await ask(simulator, { body })).status]).toEqual([body, 400])
  }
  expect((await ask(simulator)).status).toBe(200)
  expect(simulator.account.charges).toBe(1)
})

it("names the balance and the need when credits are short", async () => {
  const answered = await ask(await start({ credits: 500_000_000n }), {
    body: { ...hello, max_completion_tokens: 1000 }
  })
  expect(answered.status).toBe(406)
  // 9 prompt tokens at 1.10 and 1,000 completion tokens at 4.40 dollars a million.
  expect(JSON.parse(answered.text)).toEqual({ error: "Insufficient credits. Balance: 0.0005, required: 0.0044099" })
})

it("lets the next minute in after a 429, whose header names that minute", async () => {
  const clock = manualClock(Date.UTC(2026, 10, 22, 12, 45, 30))
  const simulator = await start({ requestsPerMinute: 1, clock })
  expect((await ask(simulator)).status).toBe(200)
  const throttled = await ask(simulator)
  expect(throttled.status).toBe(429)
  expect(header(throttled, "x-rate-limit-reset-at-utc")).toBe("2026-11-22T12:46:00Z")
  clock.advance(29_999)
  expect((await ask(simulator)).status).toBe(429)
  clock.advance(1)
  expect((await ask(simulator)).status).toBe(200)
})

it("sends the vendor's body with the gateway's stamps", async () => {
  const answered = await ask(await start())
  expect(answered.status).toBe(200)
  expect(JSON.parse(answered.text)).toMatchObject({
    object: "chat.completion",
    model: "o3-mini-2025-01-31",
    choices: [{ index: 0, message: { role: "assistant", refusal: null, annotations: [] }, finish_reason: "stop" }],
    usage: { prompt_tokens: 9, prompt_tokens_details: { cached_tokens: 0, audio_tokens: 0 } },
    service_tier: "default"
  })
  expect(header(answered, "x-request-id")).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/)
  expect(header(answered, "x-generation-time")).toBe("0.000")
  expect(header(answered, "content-type")).toBe("application/json")
})

it("keeps letters past ASCII whole, in both directions", async () => {
  const simulator = await start()
  const messages = [{ role: "user", content: "Wie heißt „Straße“ auf 日本語? 🙂" }]
  simulator.answers.set(hashMessages(messages), { right: "道 🙂", wrong: ["道 🙂"], difficulty: 0, format: "text" })
  const answered = await ask(simulator, { body: { messages } })
  expect(answered.text).toContain("道 🙂")
})

describe("the balance", () => {
  it("is printed to the last pico-credit, where a float would round", async () => {
    const simulator = await start({ credits: 123_456_789_000_000_000_001n })
    const answered = await ask(simulator, { method: "GET", path: "/v1/get-user-credits", body: "" })
    expect(answered.text).toBe('{"credits":123456789.000000000001,"free-credits":0}')
  })

  it("is for the key's owner only", async () => {
    const asked = { method: "GET", path: "/v1/get-user-credits", body: "", headers: { "x-api-key": null } }
    expect((await ask(await start(), asked)).status).toBe(401)
  })
})

describe("the OpenAI-compatible route", () => {
  const path = "/v1/chat/completions"

  it("takes a bearer and a model in the body, and charges the same account without Segmind's stamps", async () => {
    const simulator = await start()
    const headers = { "x-api-key": null, authorization: `Bearer ${simulator.apiKey}` }
    const answered = await ask(simulator, { path, headers, body: { ...hello, model: "o3-mini" } })
    expect(completionOf(answered)).toEqual(completionOf(await ask(simulator)))
    expect(answered.headers).not.toHaveProperty("x-cost")
    expect(simulator.account.charges).toBe(2)
  })

  it("answers errors as objects", async () => {
    const simulator = await start()
    const headers = { authorization: `Bearer ${simulator.apiKey}` }
    const answered = await ask(simulator, { path, headers, body: { ...hello, model: "o3-mini", top_p: 1 } })
    expect(JSON.parse(answered.text)).toEqual({
      error: {
        message: "Unsupported parameter: 'top_p' is not supported with this model.",
        type: "invalid_request_error",
        param: "top_p",
        code: "unsupported_parameter"
      }
    })
    expect((await ask(simulator, { path, headers, body: { ...hello, model: "o1" } })).status).toBe(404)
    expect((await ask(simulator, { path, body: { ...hello, model: "o3-mini" } })).status).toBe(401)
  })
})

it("rejects the start on a port that is taken", async () => {
  const { port } = new URL((await start()).url)
  await expect(start({ port: Number(port) })).rejects.toThrow("EADDRINUSE")
})
