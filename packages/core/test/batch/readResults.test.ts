import { assert, describe, it } from "@effect/vitest"
import { readResults } from "../../src/batch/readResults.ts"

const replied = (custom_id: string, status_code: number, body: unknown = {}) =>
  JSON.stringify({ custom_id, response: { status_code, request_id: "r", body }, error: null })
const notRun = (custom_id: string, code: string) =>
  JSON.stringify({ custom_id, response: null, error: { code, message: "Too late." } })

describe("the files of a batch", () => {
  it("are merged by custom_id: the output line, else the error line, else nothing", () => {
    const results = readResults(
      [replied("a", 200, { n: 1 }), replied("b", 200)].join("\n"),
      [replied("b", 400), notRun("c", "batch_expired")].join("\n")
    )
    assert.deepStrictEqual(results.get("a"), { _tag: "Replied", status: 200, body: '{"n":1}', requestId: "r" })
    assert.strictEqual(results.get("b")?._tag === "Replied" && results.get("b")?._tag, "Replied")
    assert.deepInclude(results.get("b"), { status: 200 })
    assert.deepStrictEqual(results.get("c"), { _tag: "NotRun", code: "batch_expired", message: "Too late." })
    assert.isFalse(results.has("d"))
  })

  it("count the first line of an id, and no blank, broken or nameless one", () => {
    const output = ["", replied("a", 200, 1), "  ", "{", "7", replied("a", 200, 2), '{"response":{}}', ""].join("\r\n")
    const results = readResults(output, "\n\n")
    assert.strictEqual(results.size, 1)
    assert.deepInclude(results.get("a"), { body: "1" })
  })

  it("leave out a line that says neither what came back nor why nothing did", () => {
    const strange = [
      { custom_id: "a", response: null, error: null },
      { custom_id: "b", response: { status_code: "200" } },
      { custom_id: "c" }
    ]
    assert.strictEqual(readResults(strange.map((line) => JSON.stringify(line)).join("\n"), "").size, 0)
  })
})
