/** Source found in an output, and how: the path is stored with the score, since it says how clean the answer was. */
export interface ExtractedCode {
  readonly source: string
  readonly language: "javascript" | "typescript"
  readonly from: "a fenced block that defines it" | "the last fenced block" | "the whole output"
}

/** Outputs are read up to this length: no function of a suite is longer. */
const longestOutput = 200_000

/**
 * The source that an output gives for the function `entry`, or undefined when it has none. Of several blocks the last
 * that defines it counts, since models correct themselves; one that only calls it, as an example of use, does not.
 */
export const extractCode = (text: string, entry: string): ExtractedCode | undefined => {
  const output = text.slice(0, longestOutput)
  const blocks = fencedBlocks(output)
  const definition = definitionOf(entry)
  const defines = (source: string) => definition.test(source)
  const defining = blocks.findLast(({ source }) => defines(source))
  if (defining !== undefined) return { ...defining, from: "a fenced block that defines it" }
  const last = blocks.at(-1)
  if (last !== undefined) return { ...last, from: "the last fenced block" }
  return defines(output) ? { source: output, language: "javascript", from: "the whole output" } : undefined
}

interface Block {
  readonly source: string
  readonly language: ExtractedCode["language"]
}

/** Line by line, so that no output takes long. A block may be indented, and the end of the last may be missing. */
const fencedBlocks = (output: string): ReadonlyArray<Block> => {
  const blocks: Array<Block> = []
  let open: { readonly language: Block["language"]; readonly fence: number; readonly lines: Array<string> } | undefined
  const close = () => {
    if (open !== undefined) blocks.push({ source: open.lines.join("\n"), language: open.language })
    open = undefined
  }
  for (const line of output.split("\n")) {
    const [, fence = "", language = ""] = /^[ \t]*(`{3,})[ \t]*([\w+-]*)/.exec(line) ?? []
    if (open === undefined && fence !== "") {
      open = { language: languageOf(language), fence: fence.length, lines: [] }
    } else if (fence.length >= (open?.fence ?? Number.POSITIVE_INFINITY)) {
      close()
    } else {
      open?.lines.push(line)
    }
  }
  close()
  return blocks
}

/** A declaration of the name, or something assigned to it; never just a call. */
const definitionOf = (entry: string): RegExp => {
  const name = String.raw`${entry.replace(/[^\w]/g, "\\$&")}(?![\w$])`
  return new RegExp(
    String.raw`(?:\bfunction(?:\s*\*\s*|\s+)|\b(?:const|let|var|class|as)\s+)${name}|(?<![\w$])${name}\s*=(?![=>])`
  )
}

const languageOf = (fence: string): ExtractedCode["language"] =>
  /^(ts|typescript|tsx|mts)$/i.test(fence) ? "typescript" : "javascript"
