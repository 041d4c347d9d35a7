/** Source found in an output, and how: the path is stored with the score, since it says how clean the answer was. */
export interface ExtractedCode {
  readonly source: string
  readonly language: "javascript" | "typescript"
  readonly from: "a fenced block that defines it" | "the last fenced block" | "the whole output"
}

/** The source that an output gives for the function `entry`, or undefined when it has none. */
export const extractCode = (output: string, entry: string): ExtractedCode | undefined => {
  const blocks = Array.from(
    output.matchAll(/^[ \t]*```[ \t]*([\w+-]*)[^\n]*\n([\s\S]*?)(?:^[ \t]*```|$(?![\s\S]))/gm),
    ([, language = "", source = ""]) => ({ language: languageOf(language), source })
  )
  const defines = (source: string) =>
    new RegExp(String.raw`(?<![\w$.])${entry.replace(/[^\w]/g, "\\$&")}(?![\w$])`).test(source)
  const defining = blocks.findLast(({ source }) => defines(source))
  if (defining !== undefined) return { ...defining, from: "a fenced block that defines it" }
  const last = blocks.at(-1)
  if (last !== undefined) return { ...last, from: "the last fenced block" }
  return defines(output) ? { source: output, language: "javascript", from: "the whole output" } : undefined
}

const languageOf = (fence: string): ExtractedCode["language"] =>
  /^(ts|typescript|tsx|mts)$/i.test(fence) ? "typescript" : "javascript"
