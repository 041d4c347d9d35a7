/** Where something stands in a text: from `start` up to, and without, `end`. */
export interface Span {
  readonly start: number
  readonly end: number
}

/** The inside of a pair of tags or of a fence. */
export interface DelimitedSpan extends Span {
  /** A tag's name, or the fence's marks. */
  readonly name: string
  readonly kind: "tag" | "fence"
}

/**
 * What the tags and fences of a text enclose. A tag that is never closed, as `Answer: <number>`, is no delimiter. Fences
 * are three or more of the same quote or backtick, on one line or over several; one that nothing closes is no fence.
 */
export const delimiterSpans = (text: string): ReadonlyArray<DelimitedSpan> => [...tagSpans(text), ...fenceSpans(text)]

export const holds = (outer: Span, inner: Span): boolean => outer.start <= inner.start && inner.end <= outer.end

const tagSpans = (text: string): ReadonlyArray<DelimitedSpan> => {
  const open = new Map<string, Array<number>>()
  const spans: Array<DelimitedSpan> = []
  for (const match of text.matchAll(/<(\/?)([A-Za-z][\w.:-]*)((?:\s[^<>]*)?)>/g)) {
    const [tag, slash, name = "", attributes = ""] = match
    const starts = open.get(name) ?? []
    if (slash === "/") {
      const start = starts.pop()
      if (start !== undefined) spans.push({ kind: "tag", name, start, end: match.index })
    } else if (!attributes.endsWith("/")) {
      starts.push(match.index + tag.length)
      open.set(name, starts)
    }
  }
  return spans
}

const fenceSpans = (text: string): ReadonlyArray<DelimitedSpan> => {
  const marks = Array.from(text.matchAll(/`{3,}|"{3,}|'{3,}/g), (match) => ({ marks: match[0], at: match.index }))
  const spans: Array<DelimitedSpan> = []
  // The shortest fence of a kind that nothing closes: longer ones need not be looked for again.
  const unclosed = new Map<string, number>()
  for (let index = 0; index < marks.length; index += 1) {
    const open = marks[index]
    if (open === undefined || open.marks.length >= (unclosed.get(open.marks.charAt(0)) ?? Infinity)) continue
    const closing = marks.findIndex((other, later) => later > index && other.marks.startsWith(open.marks))
    const close = marks[closing]
    if (close === undefined) unclosed.set(open.marks.charAt(0), open.marks.length)
    else {
      spans.push({ kind: "fence", name: open.marks, start: open.at + open.marks.length, end: close.at })
      index = closing
    }
  }
  return spans
}
