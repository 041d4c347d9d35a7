import { describe, expect, it } from "vitest"
import { displayWidth, sanitize, sanitizeLine } from "../src/text.ts"

const escapeCode = "\u001b"
const bell = "\u0007"

describe("sanitize", () => {
  it.each([
    [
      "colours and hidden text",
      `${escapeCode}[31mred${escapeCode}[0m ${escapeCode}[8mhidden${escapeCode}[m`,
      "red hidden"
    ],
    ["cursor movement and screen clearing", `a${escapeCode}[2J${escapeCode}[1;1Hb${escapeCode}[?1049hc`, "abc"],
    [
      "a link (OSC 8), its address too",
      `${escapeCode}]8;;http://evil.test${escapeCode}\\click${escapeCode}]8;;${escapeCode}\\`,
      "click"
    ],
    ["the clipboard (OSC 52)", `x${escapeCode}]52;c;cm0gLXJm${bell}y`, "xy"],
    ["the title, ended by an 8-bit terminator", `x${escapeCode}]0;title\u009cy`, "xy"],
    [
      "the bodies of DCS, SOS, PM and APC",
      ["P", "X", "^", "_"].map((c) => `${escapeCode}${c}body\nmore${escapeCode}\\.`).join(""),
      "...."
    ],
    [
      "a sequence wrapped for tmux",
      `${escapeCode}Ptmux;${escapeCode}${escapeCode}]52;c;eA==${bell}${escapeCode}\\end`,
      "end"
    ],
    ["8-bit controls", "a\u009b31mb\u009d0;title\u009cc\u0090q\u009cd\u0085e", "abcde"],
    ["two-character escapes and character sets", `a${escapeCode}cb${escapeCode}(0c${escapeCode}7d`, "abcd"],
    ["an escape at the very end", `a${escapeCode}`, "a"],
    ["a sequence without its end", `a${escapeCode}[38;5`, "a"],
    ["back spaces, bells and nulls", "a\b\b\u0000b\u0007\u007f", "ab"],
    ["bidirectional controls", "user\u202e\u2066nimda\u2069\u200f\u061c", "usernimda"],
    ["zero-width spaces, the byte-order mark and language tags", "a\u200b\ufeffb\u{e0041}\u{e007f}c", "abc"],
    ["half of a surrogate pair", "a\ud800b", "a\ufffdb"]
  ])("removes %s", (_what, hostile, clean) => {
    expect(sanitize(hostile)).toBe(clean)
  })

  it("keeps line ends and tabs, whatever way the line ends were written", () => {
    expect(sanitize("a\r\nb\rc\u2028d\n\te")).toBe("a\nb\nc\nd\n\te")
  })

  it("keeps text that was decoded wrongly, though it looks like an open control string", () => {
    expect(sanitize("He said \u00e2\u0080\u009dno\u00e2\u0080\u009d and left")).toBe("He said ânoâ and left")
  })

  it("keeps the joiners of scripts and emoji, and variation selectors beyond the first plane", () => {
    const text = "می‌خواهم 👨‍👩‍👧 葛\u{e0100}"
    expect(sanitize(text)).toBe(text)
  })

  it("leaves neither an escape nor a control nor a carriage return, whatever comes", () => {
    const pieces = [
      escape,
      "[",
      "]",
      "8;;",
      "52;c;",
      bell,
      "\r",
      "\n",
      "\t",
      "\u009b",
      "\u009d",
      "\u009c",
      "\u0090",
      "P",
      "\\",
      "m"
    ]
    const alphabet = [...pieces, "a", "日", "🎉", "\u202e", "\ud83c", "\u0000", "\u0018", "(", "0", ";", "\u2029"]
    let state = 20261124
    const next = (below: number) => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0
      return Math.floor((state / 2 ** 32) * below)
    }
    for (let round = 0; round < 5000; round += 1) {
      const hostile = Array.from({ length: next(40) }, () => alphabet[next(alphabet.length)]).join("")
      const clean = sanitize(hostile)
      const left = Array.from(clean, (character) => character.codePointAt(0) ?? 0).filter(isForbidden)
      expect(left, JSON.stringify(hostile)).toEqual([])
      expect(sanitize(clean)).toBe(clean)
    }
  })

  it("reads a megabyte of opened control strings in one pass", () => {
    // Quadratic work would be 10¹² steps here and end in the runner's time limit.
    expect(sanitize("\u009d".repeat(1_000_000))).toBe("")
    expect(sanitize(`${escapeCode}]`.repeat(500_000))).toBe("")
  })
})

describe("sanitizeLine", () => {
  it("makes one line of many, with single spaces", () => {
    expect(sanitizeLine("  a\n\n  b\t c\r\nd ")).toBe("a b c d")
  })

  it("does not let marks pile up over the neighbouring lines", () => {
    expect(sanitizeLine(`z${"\u0301".repeat(60)}algo`)).toBe(`z${"\u0301".repeat(4)}algo`)
    expect(displayWidth(`z${"\u0301".repeat(4)}algo`)).toBe(5)
  })
})

const isForbidden = (code: number): boolean =>
  (code < 0x20 && code !== 0x0a && code !== 0x09) ||
  (code >= 0x7f && code <= 0x9f) ||
  (code >= 0x2028 && code <= 0x202e) ||
  (code >= 0xd800 && code <= 0xdfff)
