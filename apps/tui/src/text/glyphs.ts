/** The signs of the screens. Each is one cell wide in every terminal we tried; a word always stands beside it. */
export interface Glyphs {
  readonly passed: string
  readonly failed: string
  readonly unscored: string
  readonly notice: string
  readonly barFull: string
  readonly barEmpty: string
  /** Stands for a number that does not exist. */
  readonly absent: string
  /** Between the ends of an interval. */
  readonly to: string
  readonly arrow: string
  readonly ellipsis: string
  readonly rule: string
  readonly pictograph: string
}

export const unicodeGlyphs: Glyphs = {
  passed: "✔",
  failed: "✖",
  unscored: "!",
  notice: "·",
  barFull: "█",
  barEmpty: "░",
  absent: "—",
  to: "–",
  arrow: "→",
  ellipsis: "…",
  rule: "─",
  pictograph: "▫"
}

/** For fonts and readers without them: `ASSAY_ASCII=1`. */
export const asciiGlyphs: Glyphs = {
  passed: "+",
  failed: "x",
  unscored: "!",
  notice: "*",
  barFull: "#",
  barEmpty: ".",
  absent: "-",
  to: "-",
  arrow: ">",
  ellipsis: "..",
  rule: "-",
  pictograph: "?"
}
