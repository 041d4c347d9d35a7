import { assert, describe, it } from "@effect/vitest"
import { decodeReply, readError, readErrorCode } from "../../src/internal/decodeReply.ts"
import { chatCompletion } from "../../src/testing.ts"
import { secret } from "../support/requests.ts"
import { forSeeds } from "../support/seeds.ts"

const decode = (body: unknown) => decodeReply(JSON.stringify(body))
const withMessage = (message: unknown, rest: Record<string, unknown> = {}) =>
  decode({ choices: [{ message, finish_reason: "stop" }], ...rest })

describe("decodeReply", () => {
  it("reads all of a reply that is as documented", () => {
    assert.deepStrictEqual(decode(chatCompletion({ content: "42", usage: { cachedPromptTokens: 5 } })), {
      _tag: "Answer",
      output: "42",
      finishReason: "stop",
      refusal: undefined,
      model: "o3-mini-2025-01-31",
      systemFingerprint: "fp_1",
      usage: { promptTokens: 35, cachedPromptTokens: 5, completionTokens: 310, reasoningTokens: 256 }
    })
  })

  it("needs a message and nothing else", () => {
    assert.deepStrictEqual(decode({ choices: [{ message: {} }] }), {
      _tag: "Answer",
      output: "",
      finishReason: "unknown",
      refusal: undefined,
      model: undefined,
      systemFingerprint: undefined,
      usage: undefined
    })
  })

  it("takes null for absent everywhere, and ignores keys it does not know", () => {
    const body = {
      id: null,
      created: null,
      model: null,
      system_fingerprint: null,
      error: null,
      usage: null,
      x_groq: { id: 1 },
      choices: [
        {
          error: null,
          finish_reason: null,
          native_finish_reason: "STOP",
          message: { role: null, content: "42", refusal: null, reasoning_content: "6 × 7", tool_calls: null }
        }
      ]
    }
    assert.deepInclude(decode(body), { _tag: "Answer", output: "42", finishReason: "unknown", usage: undefined })
  })

  it("reads a body with a byte order mark and blanks around it", () => {
    assert.deepInclude(decodeReply(`\uFEFF \n${JSON.stringify(chatCompletion({ content: "42" }))}\r\n `), {
      output: "42"
    })
  })

  it("keeps an empty output that was cut while reasoning, and says that it was cut", () => {
    const usage = { completionTokens: 1000, reasoningTokens: 1000 }
    assert.deepInclude(decode(chatCompletion({ content: "", finishReason: "length", usage })), {
      _tag: "Answer",
      output: "",
      finishReason: "length",
      usage: { promptTokens: 35, cachedPromptTokens: 0, ...usage }
    })
  })

  it("tells a refusal, whatever the finish reason says", () => {
    assert.deepInclude(decode(chatCompletion({ content: null, refusal: "I can't." })), {
      output: "",
      finishReason: "refusal",
      refusal: "I can't."
    })
  })

  it("tells a content filter, and calls reasons it does not know unknown", () => {
    assert.deepInclude(decode(chatCompletion({ finishReason: "content_filter" })), { finishReason: "content_filter" })
    assert.deepInclude(decode(chatCompletion({ finishReason: "tool_calls" })), { finishReason: "unknown" })
  })

  it("joins a text that comes in parts", () => {
    const content = [{ type: "text", text: "4" }, { type: "image_url" }, { type: "text", text: "2" }, null]
    assert.deepInclude(withMessage({ content }), { output: "42" })
  })

  it("reads numbers that come as strings, in exponent form too", () => {
    const usage = { prompt_tokens: "35", completion_tokens: "3.1e2", prompt_tokens_details: { cached_tokens: "7" } }
    assert.deepInclude(withMessage({ content: "" }, { usage }), {
      usage: { promptTokens: 35, cachedPromptTokens: 7, completionTokens: 310, reasoningTokens: 0 }
    })
  })

  it.each([
    [{}],
    [{ prompt_tokens: 1 }],
    [{ prompt_tokens: "", completion_tokens: "" }],
    [{ prompt_tokens: " ", completion_tokens: 1 }],
    [{ prompt_tokens: -1, completion_tokens: 1 }],
    [{ prompt_tokens: 1.5, completion_tokens: 1 }],
    [{ prompt_tokens: null, completion_tokens: 1 }],
    [{ prompt_tokens: true, completion_tokens: 1 }],
    [{ prompt_tokens: 1e300, completion_tokens: 1 }],
    ["35"],
    [[]]
  ])("takes %j for no usage at all, so that it cannot make a charge too small", (usage) => {
    assert.deepInclude(withMessage({ content: "42" }, { usage }), { _tag: "Answer", usage: undefined })
  })

  it.each([
    ["", "the body is not a JSON object"],
    ["{", "the body is not a JSON object"],
    ["<html>", "the body is not a JSON object"],
    ["null", "the body is not a JSON object"],
    ["[]", "the body is not a JSON object"],
    ['"text"', "the body is not a JSON object"],
    ["{}", "it has no choices[0].message"],
    ['{"choices":[]}', "it has no choices[0].message"],
    ['{"choices":{}}', "it has no choices[0].message"],
    ['{"choices":[null]}', "it has no choices[0].message"],
    ['{"choices":[{"message":null}]}', "it has no choices[0].message"],
    ['{"choices":[{"message":[]}]}', "it has no choices[0].message"],
    ['{"error":"Internal Polling Error"}', "it holds an error: Internal Polling Error"],
    ['{"error":{"message":"no"},"choices":[{"message":{"content":"42"}}]}', "it holds an error: no"],
    ['{"choices":[{"message":{"content":""},"error":{"code":502,"message":"cut"}}]}', "its choice holds an error: cut"]
  ])("cannot use %j", (body, reason) => {
    assert.deepInclude(decodeReply(body), { _tag: "Unusable", reason })
  })

  it("cannot use an answer that broke off upstream, as OpenRouter says it", () => {
    const body = JSON.stringify(chatCompletion({ content: "half an ans", finishReason: "error" }))
    assert.deepInclude(decodeReply(body), { _tag: "Unusable", reason: "its finish_reason is error" })
  })

  it("takes an answer in JSON out of a v2 job as it stands, and an error in it for one", () => {
    const answered = decodeReply(JSON.stringify({ status: "COMPLETED", output: '{"answer":42}' }))
    assert.deepInclude(answered, { _tag: "Answer", output: '{"answer":42}' })
    const failed = decodeReply(JSON.stringify({ status: "COMPLETED", output: '{"error":{"message":"overloaded"}}' }))
    assert.deepInclude(failed, { _tag: "Unusable", reason: "it holds an error: overloaded" })
  })

  it("keeps the usage of a reply that it cannot use: it was billed", () => {
    assert.deepInclude(decode({ choices: [], usage: { prompt_tokens: 1, completion_tokens: 2 } }), {
      usage: { promptTokens: 1, cachedPromptTokens: 0, completionTokens: 2, reasoningTokens: 0 }
    })
  })

  it("never throws, whatever a server sends", () => {
    const whole = JSON.stringify(chatCompletion({ content: 'quote " and \\ and ×' }))
    let answers = 0
    forSeeds((chance) => {
      const cut = whole.slice(0, chance.int(whole.length + 1))
      const place = chance.int(whole.length)
      const swapped = whole.slice(0, place) + chance.pick(["{", "null", '"', "\u0000", "1"]) + whole.slice(place + 1)
      for (const body of [cut, swapped]) if (decodeReply(body)._tag === "Answer") answers += 1
    })
    assert.isAbove(answers, 0)
  })
})

describe("readError", () => {
  it.each([
    ['"Not enough credits"', "Not enough credits"],
    [
      '{"error":"Insufficient credits. Balance: 0.0005, required: 0.0014"}',
      "Insufficient credits. Balance: 0.0005, required: 0.0014"
    ],
    [
      '{"error":{"message":"Unsupported parameter","type":"invalid_request_error","code":null}}',
      "Unsupported parameter"
    ],
    ['{"object":"error","message":"too long","code":400}', "too long"],
    ['{"detail":"Not Found"}', "Not Found"],
    ['{"error":{"code":400},"message":"outer"}', "outer"],
    ["<html><body><h1>502 Bad\n Gateway</h1></body></html>", "502 Bad Gateway"],
    ["plain  text\n", "plain text"],
    ["", "no reason given"],
    ["<br/>", "no reason given"],
    ['{"error":""}', '{"error":""}'],
    ['{"detail":[{"msg":"field required"}]}', '{"detail":[{"msg":"field required"}]}']
  ])("reads %j", (body, reason) => {
    assert.strictEqual(readError(body), reason)
  })

  it("is at most 300 characters", () => {
    assert.strictEqual(readError("x".repeat(10_000)).length, 300)
  })

  it.each([
    `Invalid key ${secret}`,
    JSON.stringify({ error: `API key ${secret} may have expired` }),
    JSON.stringify({ error: { message: "Incorrect API key provided: sk-proj-abc_DEF-123456" } }),
    `<p>${secret}</p>`
  ])("masks the keys in %j", (body) => {
    const reason = readError(body)
    assert.notMatch(reason, /0123456789abcdef|abc_DEF/)
    assert.match(reason, /(SG_|sk-)…/)
  })

  it("masks a key before it cuts, so that no half of one is left", () => {
    assert.notInclude(readError(`${"x".repeat(285)} ${secret}`), "0123")
  })
})

describe("readErrorCode", () => {
  it("is the code, else the type, else nothing; vLLM's numbers are no words", () => {
    assert.strictEqual(readErrorCode('{"error":{"code":"model_not_found","type":"x"}}'), "model_not_found")
    assert.strictEqual(readErrorCode('{"error":{"code":null,"type":"insufficient_quota"}}'), "insufficient_quota")
    assert.strictEqual(readErrorCode('{"error":{"code":404,"type":"NotFoundError"}}'), "NotFoundError")
    assert.isUndefined(readErrorCode('{"error":"text"}'))
    assert.isUndefined(readErrorCode("<html>"))
  })
})
