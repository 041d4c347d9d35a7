/**
 * The answers to a prompt's numbered questions, by number; a question that was not answered is not in the map.
 *
 * An answer begins on a line with its number, as `1.`, `1)`, `(1)`, `1:`, `Q1:`, `Question 1:` or `Answer 1.`, bold or as a
 * heading too, and goes on to the next one. Numbers rise, all are written and indented like the first, and none is
 * read inside a code fence: so a list inside an answer stays a part of it, unless it is written like the answers and its
 * numbers go on from theirs. `questions` is how many were asked (at most 999): higher numbers are then text.
 */
export const readNumberedAnswers = (
  output: string,
  options: { readonly questions?: number } = {}
): ReadonlyMap<number, string> => {
  const last = Math.min(options.questions ?? 999, 999)
  const answers = new Map<number, Array<string>>()
  let current = 0
  let manner: string | undefined
  let fence: string | undefined
  for (const line of output.split(/\r?\n/)) {
    const begin = fence === undefined ? readMarker(line) : undefined
    if (
      begin !== undefined &&
      begin.number > current &&
      begin.number <= last &&
      begin.manner === (manner ?? begin.manner)
    ) {
      current = begin.number
      manner = begin.manner
      answers.set(current, [begin.rest])
    } else if (current > 0) answers.get(current)?.push(line)
    fence = fenceAfter(line, fence)
  }
  return new Map(Array.from(answers, ([number, lines]) => [number, lines.join("\n").trim()]))
}

const marker = new RegExp(
  [
    /^(?<indent> {0,3})(?:#{1,6} +|[-*+] +|> ?)?/, // a heading, a bullet or a quote
    /(?<open>\*\*|__)?/,
    /(?<word>q(?:uestion)?|a(?:nswer)?)?[ .#]*/,
    /(?<bracket>\()?(?<number>[1-9]\d{0,2})/,
    /(?:(?<close>\*\*|__)?(?<mark>[.):])|(?<bare>\*\*|__))/,
    /(?<closed>\*\*|__)?(?=\s|$)/
  ]
    .map(({ source }) => source)
    .join(""),
  "i"
)

const readMarker = (line: string) => {
  const match = marker.exec(line)
  const groups = match?.groups
  if (match === null || groups === undefined) return undefined
  const closed = groups["close"] ?? groups["bare"] ?? groups["closed"]
  if (groups["bare"] !== undefined && groups["open"] === undefined) return undefined
  const rest = line.slice(match[0].length).trim()
  // Bold that began before the number and has not ended there ends somewhere in the heading, as `**1. Title**`.
  const text = groups["open"] !== undefined && closed === undefined ? rest.replace(groups["open"], "") : rest
  const manner = `${groups["indent"]}${groups["word"] === undefined ? "" : "word"}${groups["mark"] ?? "bold"}`
  return { number: Number(groups["number"]), manner, rest: text }
}

/** The fence that is open after a line; a fence is closed by as many of its marks or more. */
const fenceAfter = (line: string, open: string | undefined): string | undefined => {
  const [mark] = /^ {0,3}(?:`{3,}|~{3,})/.exec(line) ?? []
  const fence = mark?.trim()
  if (open === undefined) return fence
  return fence?.startsWith(open) === true && line.trim() === fence ? undefined : open
}
