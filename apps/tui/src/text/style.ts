import { asciiGlyphs, type Glyphs, unicodeGlyphs } from "./glyphs.ts"

/** What a piece of text is, which decides its colour. A glyph or a word says the same, so nothing is lost without colour. */
export type Tone = "plain" | "strong" | "dim" | "passed" | "failed" | "unscored"

/** How text is dressed for one terminal. */
export interface Style {
  readonly glyphs: Glyphs
  readonly paint: (tone: Tone, text: string) => string
}

/** `color`: whether the 16 ANSI colours may be used. `ascii`: whether signs must be ASCII. The caller knows the terminal. */
export const makeStyle = ({ color, ascii }: { readonly color: boolean; readonly ascii: boolean }): Style => ({
  glyphs: ascii ? asciiGlyphs : unicodeGlyphs,
  paint: color ? paintAnsi : (_tone, text) => text
})

/** No colour, as in logs. */
export const plainStyle: Style = makeStyle({ color: false, ascii: false })

const paintAnsi = (tone: Tone, text: string): string => {
  const codes = toneCodes[tone]
  return codes === undefined || text === "" ? text : `\u001b[${codes.on}m${text}\u001b[${codes.off}m`
}

/** Blue and red stay apart for colour-blind eyes, where green and red do not. */
const toneCodes: Readonly<Record<Tone, { readonly on: number; readonly off: number } | undefined>> = {
  plain: undefined,
  strong: { on: 1, off: 22 },
  dim: { on: 2, off: 22 },
  passed: { on: 34, off: 39 },
  failed: { on: 31, off: 39 },
  unscored: { on: 33, off: 39 }
}
