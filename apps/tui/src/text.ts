// Lines of text from data, without Ink and React, so that the command line can load it fast.
export { clip, clipMiddle, displayWidth, padEnd, padStart, withoutPictographs } from "./text/displayWidth.ts"
export { type FooterOptions, footerLines } from "./text/footerLines.ts"
export { asciiGlyphs, type Glyphs, unicodeGlyphs } from "./text/glyphs.ts"
export { label } from "./text/label.ts"
export { ndjsonLine } from "./text/ndjsonLine.ts"
export {
  creditsText,
  durationText,
  formatInterval,
  formatPassRate,
  formatRate,
  type PassCounts,
  roughCreditsText,
  shareText,
  wholeSecondsText
} from "./text/numbers.ts"
export { emptyPlainReport, type PlainReport, plainReport } from "./text/plainReport.ts"
export { publicUrl } from "./text/publicUrl.ts"
export { resultTable, simulatedSentence } from "./text/resultTable.ts"
export { type BannerOptions, runBanner } from "./text/runBanner.ts"
export { type RunForecast, runForecast } from "./text/runForecast.ts"
export { sanitize, sanitizeLine } from "./text/sanitize.ts"
export { makeStyle, plainStyle, type Style, type Tone } from "./text/style.ts"
export { layoutTable, type TableColumn, type TableLayout, tableHead, tableRow } from "./text/table.ts"
export { type TrialLineOptions, trialLine, trialName } from "./text/trialLine.ts"
export { wrapText } from "./text/wrapText.ts"
