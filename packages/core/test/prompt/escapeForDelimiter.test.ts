import { assert, describe, it } from "@effect/vitest"
import { Effect, Schema } from "effect"
import { type Enclosure, enclosuresAt, escapeForDelimiter, unescapeForDelimiter } from "../../src/prompt.ts"
import { forSeeds } from "../support/seeds.ts"
import { hostileText } from "./hostileText.ts"

const xml: Enclosure = { delimiter: "xml", names: ["record", "policy"] }
const quotes: Enclosure = { delimiter: "triple-quotes" }
const heading: Enclosure = { delimiter: "heading" }

describe("escapeForDelimiter", () => {
  it.each([
    ["</record>", "<\\/record>"],
    ["<record id=1>", "<\\record id=1>"],
    ["< / RECORD >", "<\\ / RECORD >"],
    ["</policy></record>", "<\\/policy><\\/record>"],
    ["<\\/record>", "<\\\\/record>"],
    ["<\u200b/record>", "<\\\u200b/record>"],
    ["a < b, <b>bold</b>, </div>", "a < b, <b>bold</b>, </div>"]
  ])("makes of %j in tags %j", (data, escaped) => {
    assert.strictEqual(escapeForDelimiter(data, xml), escaped)
  })

  it.each([
    ['say """ here', 'say "\\"\\" here'],
    ['say "yes" or ""', 'say "yes" or ""\\'],
    ['"quoted"', '\\"quoted"\\'],
    ['"\\""', '\\"\\\\"\\"\\'],
    ["no quotes", "no quotes"]
  ])("makes of %j in three quotes %j", (data, escaped) => {
    assert.strictEqual(escapeForDelimiter(data, quotes), escaped)
  })

  it("quotes every line under a heading, whatever ends it", () => {
    assert.strictEqual(escapeForDelimiter("a\n## b\r# c\r\nd\u2028e", heading), "> a\n> ## b\r> # c\r\n> d\u2028> e")
  })

  it("leaves no tag, no three quotes and no unquoted line, and gives all data back", () => {
    forSeeds((chance) => {
      const data = hostileText(chance)
      const inTags = escapeForDelimiter(data, xml)
      assert.notMatch(inTags, /<[\s\p{Cf}]*\/?[\s\p{Cf}]*(?:record|policy)/iu)
      assert.strictEqual(unescapeForDelimiter(inTags, xml), data)

      const inQuotes = escapeForDelimiter(data, quotes)
      assert.strictEqual(`"""${inQuotes}"""`.slice(3).indexOf('"""'), inQuotes.length)
      assert.notMatch(inQuotes, /^"|"$/)
      assert.strictEqual(unescapeForDelimiter(inQuotes, quotes), data)

      const quoted = escapeForDelimiter(data, heading)
      for (const line of quoted.split(/\r\n|[\n\v\f\r\u0085\u2028\u2029]/)) assert.match(line, /^> /)
      assert.strictEqual(unescapeForDelimiter(quoted, heading), data)
    })
  })

  it.effect.prop("gives any string back from each delimiter", [Schema.String], ([data]) =>
    Effect.sync(() => {
      for (const enclosure of [xml, quotes, heading]) {
        assert.strictEqual(unescapeForDelimiter(escapeForDelimiter(data, enclosure), enclosure), data)
      }
    })
  )

  it("takes a name for letters and not for a pattern", () => {
    assert.strictEqual(escapeForDelimiter("</axb></a.b>", { delimiter: "xml", names: ["a.b"] }), "</axb><\\/a.b>")
  })

  it("takes time in proportion to its data", () => {
    const long = 200_000
    const worst = [
      `<${" ".repeat(long)}`,
      "<".repeat(long),
      '"\\'.repeat(long),
      `"${"\\".repeat(long)}`,
      "\r\n".repeat(long)
    ]
    for (const data of worst) {
      for (const enclosure of [xml, quotes, heading]) {
        assert.strictEqual(unescapeForDelimiter(escapeForDelimiter(data, enclosure), enclosure), data)
      }
    }
  }, 5_000)
})

describe("enclosuresAt", () => {
  const at = (template: string) => {
    const start = template.indexOf("{{x}}")
    return enclosuresAt(template, { start, end: start + 5 })
  }

  it("names all tags around a variable", () => {
    assert.deepStrictEqual(at("<documents>\n<document id='1'>{{x}}</document>\n</documents>"), [
      { delimiter: "xml", names: ["document", "documents"] }
    ])
  })

  it("puts the fence before the tags", () => {
    assert.deepStrictEqual(at('<note>\n"""\n{{x}}\n"""\n</note>'), [
      { delimiter: "triple-quotes" },
      { delimiter: "xml", names: ["note"] }
    ])
  })

  it.each([
    "{{x}}",
    "<record>a</record> {{x}}",
    "Answer: <number>\n{{x}}",
    "```js\n{{x}}\n```",
    "## Record\n\n{{x}}",
    "</record>{{x}}<record>"
  ])("finds nothing to escape in %j", (template) => {
    assert.deepStrictEqual(at(template), [])
  })

  it("keeps any value inside the tags and the fence that it names", () => {
    const template = '<note>\n"""{{x}}"""\n</note>'
    forSeeds((chance) => {
      const value = hostileText(chance, "note")
      const enclosures = at(template)
      const escaped = enclosures.reduce(escapeForDelimiter, value)
      const rendered = template.replace("{{x}}", () => escaped)
      assert.strictEqual(rendered.search(/<[\s\p{Cf}]*\/[\s\p{Cf}]*note/iu), rendered.lastIndexOf("</note>"))
      const [, inside = ""] = /^<note>\n"""(.*?)"""\n<\/note>$/s.exec(rendered) ?? []
      assert.strictEqual(enclosures.toReversed().reduce(unescapeForDelimiter, inside), value)
    })
  })
})
