import { expect, it } from "vitest"
import { nearest } from "../src/index.ts"

it.each([
  ["qestion", ["question", "answer"], "question"],
  ["traget", ["id", "input", "target"], "target"],
  ["Tags", ["tags"], "tags"],
  ["simulatoin", ["simulation", "simulator"], "simulation"],
  ["weather", ["id", "input", "target"], undefined],
  ["x", ["id", "in"], undefined],
  ["", ["id"], undefined],
  ["tag", [], undefined]
])("for %j among %j means %j", (name, known, meant) => {
  expect(nearest(name, known)).toBe(meant)
})
