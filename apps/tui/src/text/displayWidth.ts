/**
 * How many terminal cells the text takes: wide East Asian letters and emoji two, marks and joiners none.
 *
 * For text without controls and colours: see `sanitizeLine`; colour is laid on after measuring.
 */
export const displayWidth = (text: string): number => {
  if (isPlain(text)) return text.length
  let width = 0
  for (const { segment } of graphemes.segment(text)) width += graphemeWidth(segment)
  return width
}

/** The text in at most `columns` cells, its end replaced by the ellipsis when it is longer. Never cuts a grapheme. */
export const clip = (text: string, columns: number, ellipsis = "…"): string => {
  if (displayWidth(text) <= columns) return text
  const mark = displayWidth(ellipsis) > columns ? "" : ellipsis
  const room = columns - displayWidth(mark)
  let clipped = ""
  let width = 0
  for (const { segment } of graphemes.segment(text)) {
    width += graphemeWidth(segment)
    if (width > room) break
    clipped += segment
  }
  return clipped.trimEnd() + mark
}

/** The same, but what is cut is the middle: the end of an id or of a variant's name tells it from its neighbours. */
export const clipMiddle = (text: string, columns: number, ellipsis = "…"): string => {
  if (displayWidth(text) <= columns) return text
  const room = columns - displayWidth(ellipsis)
  if (room < 2) return clip(text, columns, ellipsis)
  return clip(text, Math.ceil(room / 2), "") + ellipsis + lastCells(text, Math.floor(room / 2))
}

const lastCells = (text: string, columns: number): string => {
  const pieces = Array.from(graphemes.segment(text), ({ segment }) => segment)
  let start = pieces.length
  let width = 0
  while (start > 0) {
    width += graphemeWidth(pieces[start - 1] ?? "")
    if (width > columns) break
    start -= 1
  }
  return pieces.slice(start).join("")
}

/** Fills with spaces on the right up to `columns` cells. */
export const padEnd = (text: string, columns: number): string =>
  text + " ".repeat(Math.max(0, columns - displayWidth(text)))

/** Fills with spaces on the left up to `columns` cells, as numbers want it. */
export const padStart = (text: string, columns: number): string =>
  " ".repeat(Math.max(0, columns - displayWidth(text))) + text

/** Terminals disagree on the width of pictographs (1, 2, 3 or 6 cells), so tables show this instead, one cell everywhere. */
export const withoutPictographs = (text: string, placeholder = "▫"): string => {
  if (isPlain(text)) return text
  let result = ""
  for (const { segment } of graphemes.segment(text)) result += pictograph.test(segment) ? placeholder : segment
  return result
}

const graphemes = new Intl.Segmenter("en", { granularity: "grapheme" })

/** Printable ASCII, by far the most of what is measured. */
const isPlain = (text: string): boolean => /^[ -~]*$/.test(text)

const graphemeWidth = (grapheme: string): number => {
  if (invisible.test(grapheme)) return 0
  if (pictograph.test(grapheme)) return 2
  const code = grapheme.codePointAt(0) ?? 0
  return wideRanges.some(([first, last]) => code >= first && code <= last) ? 2 : 1
}

const invisible = /^[\p{M}\p{Cf}\p{Cc}]*$/u

/** Shown as a picture: by default, by a variation selector, as a flag, or from the blocks that hold nothing else. */
const pictograph = /\p{Emoji_Presentation}|\p{RI}|\uFE0F|\p{Extended_Pictographic}\u200D|[\u{1F000}-\u{1FAFF}]/u

/** East Asian Wide and Fullwidth, pictographs apart. */
const wideRanges: ReadonlyArray<readonly [first: number, last: number]> = [
  [0x1100, 0x115f],
  [0x2329, 0x232a],
  [0x2e80, 0x303e],
  [0x3041, 0x4dbf],
  [0x4e00, 0xa4cf],
  [0xa960, 0xa97f],
  [0xac00, 0xd7a3],
  [0xf900, 0xfaff],
  [0xfe10, 0xfe19],
  [0xfe30, 0xfe6f],
  [0xff01, 0xff60],
  [0xffe0, 0xffe6],
  [0x16fe0, 0x18dff],
  [0x1aff0, 0x1b2ff],
  [0x20000, 0x3fffd]
]
