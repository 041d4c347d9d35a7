import { expect, it } from "vitest"
import { clip, clipMiddle, displayWidth, padEnd, padStart, withoutPictographs, wrapText } from "../src/text.ts"

it.each([
  ["plain", 5],
  ["日本語", 6],
  ["한국어", 6],
  ["ｗｉｄｅ", 8],
  ["cafe\u0301", 4],
  ["👨‍👩‍👧", 2],
  ["🇨🇭", 2],
  ["✔ ✖ █ ░ → — –", 13]
])("knows how many cells %s takes", (text, cells) => {
  expect(displayWidth(text)).toBe(cells)
})

it("clips between graphemes, so that half of a wide letter never shows", () => {
  expect(clip("日本語", 6)).toBe("日本語")
  expect(clip("日本語", 5)).toBe("日本…")
  expect(clip("日本語", 4)).toBe("日…")
  expect(clip("cafe\u0301s", 4)).toBe("caf…")
  expect(clip("text", 0)).toBe("")
  expect(clip("a long text", 8, "..")).toBe("a long..")
})

it("cuts long names in the middle, where variants are alike", () => {
  expect(clipMiddle("extract-v2 · effort low", 11)).toBe("extra…t low")
  expect(clipMiddle("cjk 日本語/0417", 9)).toBe("cjk…0417")
  expect(clipMiddle("short", 9)).toBe("short")
})

it("pads by cells, not by letters", () => {
  expect(padEnd("日本", 6)).toBe("日本  ")
  expect(padStart("日本", 6)).toBe("  日本")
})

it("shows one and the same cell for pictographs, whose widths terminals dispute", () => {
  expect(withoutPictographs("done 🎉 ⚠️ 👨‍👩‍👧 🏳️‍🌈 🇨🇭 1️⃣ ✔ © 日")).toBe("done ▫ ▫ ▫ ▫ ▫ ▫ ✔ © 日")
})

it.each([12, 20, 33])("wraps at spaces within %i columns and loses no letter", (columns) => {
  const text = "any difference between prompts is programmed-in-as-one-very-long-word 日本語日本語日本語"
  const lines = wrapText(text, columns)
  expect(lines.filter((line) => displayWidth(line) > columns)).toEqual([])
  expect(lines.join("").replaceAll(" ", "")).toBe(text.replaceAll(" ", ""))
})
