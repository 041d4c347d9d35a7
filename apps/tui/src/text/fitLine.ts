import { clip, displayWidth } from "./displayWidth.ts"
import type { Style, Tone } from "./style.ts"

/** A piece of text with its tone. */
type Part = readonly [tone: Tone, text: string]

/** Parts of a line that stay or go together. */
export interface Segment {
  readonly parts: ReadonlyArray<Part>
  /** Segments with the highest number leave first when the line is too long; 0 stays and is clipped at worst. */
  readonly drop: number
}

/** A segment of one part. */
export const segment = (drop: number, text: string, tone: Tone = "plain"): Segment => ({ parts: [[tone, text]], drop })

/** A line of at most `columns` cells: the segments that matter most, two spaces between them. */
export const fitLine = (
  segments: ReadonlyArray<Segment>,
  { columns, style }: { readonly columns: number; readonly style: Style }
): string => {
  let kept = segments.filter((one) => segmentWidth(one) > 0)
  while (lineWidth(kept) > columns) {
    const first = Math.max(...kept.map((one) => one.drop))
    if (first <= 0) break
    const index = kept.findLastIndex((one) => one.drop === first)
    kept = kept.filter((_, position) => position !== index)
  }
  const parts = kept.flatMap((one, index): ReadonlyArray<Part> => (index === 0 ? one.parts : [gap, ...one.parts]))
  let room = columns
  let line = ""
  for (const [tone, text] of parts) {
    const shown = clip(text, room, style.glyphs.ellipsis)
    room -= displayWidth(shown)
    line += style.paint(tone, shown)
    if (shown !== text) break
  }
  return line
}

/** How long the segments are in one line. */
export const lineWidth = (segments: ReadonlyArray<Segment>): number =>
  segments.reduce((sum, one) => sum + segmentWidth(one), 0) + 2 * Math.max(0, segments.length - 1)

const gap: Part = ["plain", "  "]

const segmentWidth = ({ parts }: Segment): number => parts.reduce((sum, [, text]) => sum + displayWidth(text), 0)
