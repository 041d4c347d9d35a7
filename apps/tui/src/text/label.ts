import { withoutPictographs } from "./displayWidth.ts"
import type { Glyphs } from "./glyphs.ts"
import { sanitizeLine } from "./sanitize.ts"

/** Text of unknown origin (names, ids, reasons) as it may stand in a line of a screen or a log: one line, widths known. */
export const label = (text: string, glyphs: Glyphs): string => withoutPictographs(sanitizeLine(text), glyphs.pictograph)
