/**
 * Makes text of unknown origin safe to print: no escape sequence, no control but `\n` and `\t`, nothing that turns the
 * direction of writing. Line ends of any kind become `\n`.
 *
 * Model output is hostile: left alone it moves the cursor, sets the clipboard (OSC 52), hides links (OSC 8) and text.
 * One pass, so that its time is linear in the length whatever the text holds.
 */
export const sanitize = (text: string): string => {
  const source = text.toWellFormed()
  let clean = ""
  let kept = 0
  let index = 0
  while (index < source.length) {
    const skipped = hostileLength(source, index)
    if (skipped === 0) {
      index += 1
      continue
    }
    clean += source.slice(kept, index) + (endsLine(source.charCodeAt(index)) ? "\n" : "")
    index += skipped
    kept = index
  }
  return clean + source.slice(kept)
}

/** The same on one line, for tables and logs: white space runs become one space, and marks cannot pile up. */
export const sanitizeLine = (text: string): string =>
  sanitize(text).replace(/\s+/gu, " ").replace(piledMarks, "$1").trim()

/** More than four marks on one letter paint over the lines above and below. */
const piledMarks = /(\p{M}{4})\p{M}+/gu

const escapeCode = 0x1b
const bell = 0x07
const cancel = 0x18
const substitute = 0x1a
const stringTerminator = 0x9c
const controlSequence = 0x9b

/** How many characters from `index` must go; 0 for those that may stay. */
const hostileLength = (text: string, index: number): number => {
  const code = text.charCodeAt(index)
  if (code >= 0x20 && code < 0x7f) return 0
  if (code === 0x0a || code === 0x09) return 0
  if (code === 0x0d) return text.charCodeAt(index + 1) === 0x0a ? 2 : 1
  if (code === escapeCode) return escapeLength(text, index)
  if (code === controlSequence) return 1 + controlSequenceLength(text, index + 1)
  if (opensString(code)) return 1 + stringLength(text, index + 1, "8-bit")
  if (code < 0xa0) return 1
  // Language tags lie beyond the first plane: their lead surrogate is 0xdb40, which the variation selectors share.
  if (code === 0xdb40) return text.charCodeAt(index + 1) < 0xdc80 ? 2 : 0
  return code > 0x600 && isInvisible(code) ? 1 : 0
}

const escapeLength = (text: string, index: number): number => {
  const code = text.charCodeAt(index + 1)
  // `ESC [` and the like are the 7-bit spelling of the C1 controls, 0x40 lower.
  if (code + 0x40 === controlSequence) return 2 + controlSequenceLength(text, index + 2)
  if (opensString(code + 0x40)) return 2 + stringLength(text, index + 2, "7-bit")
  const intermediates = runLength(text, index + 1, 0x20, 0x2f)
  const final = text.charCodeAt(index + 1 + intermediates)
  return 1 + intermediates + (final >= 0x30 && final <= 0x7e ? 1 : 0)
}

const controlSequenceLength = (text: string, start: number): number => {
  const parameters = runLength(text, start, 0x30, 0x3f)
  const length = parameters + runLength(text, start + parameters, 0x20, 0x2f)
  const final = text.charCodeAt(start + length)
  return length + (final >= 0x40 && final <= 0x7e ? 1 : 0)
}

/** DCS, SOS, OSC, PM and APC: what follows is a body, not text. */
const opensString = (code: number): boolean =>
  code === 0x90 || code === 0x98 || code === 0x9d || code === 0x9e || code === 0x9f

/**
 * The body up to its terminator, or up to the escape that breaks it off; 0, so that it stays as text, when neither comes.
 *
 * Behind an 8-bit introducer it also stays when its line ends or another introducer comes first: 0x9d is the third byte
 * of a UTF-8 quotation mark, so a wrong decoding is full of them. Every scan ends at the next introducer, hence linear.
 */
const stringLength = (text: string, start: number, form: "7-bit" | "8-bit"): number => {
  for (let index = start; index < text.length; index += 1) {
    const code = text.charCodeAt(index)
    if (code === escapeCode) return index - start + (text.charCodeAt(index + 1) === 0x5c ? 2 : 0)
    if (code === bell || code === cancel || code === substitute || code === stringTerminator) return index - start + 1
    if (form === "8-bit" && (code === 0x0a || opensString(code))) return 0
  }
  return 0
}

const runLength = (text: string, start: number, lowest: number, highest: number): number => {
  let index = start
  while (text.charCodeAt(index) >= lowest && text.charCodeAt(index) <= highest) index += 1
  return index - start
}

/** Carriage return, and the line and paragraph separators. */
const endsLine = (code: number): boolean => code === 0x0d || code === 0x2028 || code === 0x2029

/** Bidirectional controls, separators, the byte-order mark, zero-width space and annotations; joiners stay for scripts and emoji. */
const isInvisible = (code: number): boolean =>
  code === 0x061c ||
  code === 0x200b ||
  code === 0x200e ||
  code === 0x200f ||
  (code >= 0x2028 && code <= 0x202e) ||
  (code >= 0x2060 && code <= 0x206f) ||
  code === 0xfeff ||
  (code >= 0xfff9 && code <= 0xfffb)
