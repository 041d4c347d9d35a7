import { expect, it } from "vitest"
import { hashMessages } from "../src/index.ts"

const user = (content: string) => ({ role: "user", content })

it("is 32 hex characters and the same for equal messages", () => {
  expect(hashMessages([user("a")])).toMatch(/^[0-9a-f]{32}$/)
  expect(hashMessages([user("a")])).toBe(hashMessages([{ content: "a", role: "user" }]))
})

it("tells apart whatever a sloppy encoding would mix up", () => {
  const lists = [
    [],
    [user("")],
    [user("ab")],
    [user("a"), user("b")],
    [user('a"],["user","b')],
    [{ role: "usera", content: "b" }],
    [{ role: "system", content: "ab" }],
    [user("\ud800")],
    [user("\ud801")],
    [user("\ufffd")]
  ]
  expect(new Set(lists.map(hashMessages)).size).toBe(lists.length)
})
