import { assert, describe, it } from "@effect/vitest"
import { classifyReply } from "../../src/internal/classifyReply.ts"

const gateway = '{"error":"Internal server error"}'
const html = "<html><h1>Bad gateway</h1></html>"

const quick: ReadonlyArray<readonly [status: number, body: string, attemptClass: string, refusal: string | undefined]> =
  [
    [400, '{"error":"messages is required"}', "Rejected", "request"],
    [400, '{"error":{"message":"…","code":"context_length_exceeded"}}', "Rejected", "request"],
    [400, '{"error":"upstream: model_not_found"}', "Rejected", "retired"],
    [401, '{"error":"Missing Authorization or x-api-key in header"}', "Rejected", "unauthorized"],
    [401, "", "Rejected", "unauthorized"],
    [402, "", "Rejected", "credits"],
    [403, '{"error":"Model not permitted"}', "Rejected", "request"],
    [404, '{"error":"Request 00000000-0000 not found"}', "Rejected", "request"],
    [404, '{"error":{"message":"gone","code":"model_not_found"}}', "Rejected", "retired"],
    [405, "<html>Method Not Allowed</html>", "Rejected", "request"],
    [406, '{"error":"Invalid content type"}', "Rejected", "request"],
    [406, '{"error":"Insufficient credits. Balance: 0.0005, required: 0.0014"}', "Rejected", "credits"],
    [406, "Not enough credits", "Rejected", "credits"],
    [406, '{"error":"Team spend limit of 50 reached for this month"}', "Rejected", "credits"],
    [406, '{"error":"Spending limit reached"}', "Rejected", "credits"],
    [406, '{"error":"temperature must be between 0 and 2"}', "Rejected", "request"],
    [406, "", "Rejected", "request"],
    [408, '{"error":"Request timeout"}', "Rejected", "request"],
    [408, html, "Ambiguous", undefined],
    [410, '{"error":"Model has been retired"}', "Rejected", "retired"],
    [413, html, "Rejected", "request"],
    [422, '{"status":"FAILED","error":"Prompt is Mandatory"}', "Rejected", "request"],
    [429, '{"error":"Rate limit exceeded"}', "Throttled", undefined],
    [429, "", "Throttled", undefined],
    [429, '{"error":{"code":"rate_limit_exceeded"}}', "Throttled", undefined],
    [429, '{"error":{"code":"insufficient_quota"}}', "Rejected", "credits"],
    [499, "", "Ambiguous", undefined],
    [500, gateway, "ServerError", undefined],
    [500, '{"error":{"message":"server_error"}}', "ServerError", undefined],
    [500, "Internal Server Error", "Ambiguous", undefined],
    [500, html, "Ambiguous", undefined],
    [500, "", "Ambiguous", undefined],
    [500, '{"error":"Internal ser', "Ambiguous", undefined],
    [500, '{"error":null}', "Ambiguous", undefined],
    [500, '{"detail":"the word \\"error\\" alone is nothing"}', "Ambiguous", undefined],
    [502, html, "Ambiguous", undefined],
    [502, gateway, "ServerError", undefined],
    [503, html, "Ambiguous", undefined],
    [503, '{"error":{"message":"Loading model","type":"unavailable_error"}}', "ServerError", undefined],
    [504, "", "Ambiguous", undefined],
    [504, gateway, "Ambiguous", undefined],
    [520, "", "Ambiguous", undefined],
    [522, gateway, "Ambiguous", undefined],
    [524, html, "Ambiguous", undefined],
    [201, "{}", "Ambiguous", undefined],
    [204, "", "Ambiguous", undefined],
    [302, "", "Ambiguous", undefined],
    [307, html, "Ambiguous", undefined]
  ]

describe("classifyReply", () => {
  it.each(quick)("takes a quick %i with %j for %s %s", (status, body, attemptClass, refusal) => {
    const classified = classifyReply({ status, body }, 1000)
    assert.strictEqual(classified.class, attemptClass)
    assert.strictEqual(classified.refusal, refusal)
  })

  it("takes a server error after more than 55 s for a job that may still run", () => {
    for (const status of [500, 502, 503]) {
      assert.strictEqual(classifyReply({ status, body: gateway }, 55_000).class, "ServerError")
      assert.strictEqual(classifyReply({ status, body: gateway }, 55_001).class, "Ambiguous")
    }
    assert.strictEqual(
      classifyReply({ status: 500, body: '{"error":"Internal Polling Error"}' }, 100_000).class,
      "Ambiguous"
    )
  })

  it("believes refusals however long they took", () => {
    assert.strictEqual(classifyReply({ status: 429, body: "" }, 100_000).class, "Throttled")
    assert.strictEqual(classifyReply({ status: 406, body: "" }, 100_000).class, "Rejected")
  })

  it("never takes a status for free that the contract does not name", () => {
    for (let status = 200; status < 400; status += 1) {
      assert.strictEqual(classifyReply({ status, body: gateway }, 0).class, "Ambiguous", String(status))
    }
    for (let status = 500; status < 600; status += 1) {
      assert.strictEqual(classifyReply({ status, body: html }, 0).class, "Ambiguous", String(status))
    }
  })

  it("tells the reason in the provider's words", () => {
    assert.strictEqual(classifyReply({ status: 500, body: gateway }, 0).reason, "Internal server error")
  })
})
