import { displayWidth } from "./displayWidth.ts"

/** The text in lines of at most `columns` cells, broken at spaces; only a word longer than a line is broken inside. */
export const wrapText = (text: string, columns: number): ReadonlyArray<string> => {
  const lines: Array<string> = []
  let line = ""
  for (const word of text.split(" ")) {
    const longer = line === "" ? word : `${line} ${word}`
    if (displayWidth(longer) <= columns) {
      line = longer
      continue
    }
    if (line !== "") lines.push(line)
    const pieces = breakWord(word, columns)
    lines.push(...pieces.slice(0, -1))
    line = pieces.at(-1) ?? ""
  }
  return line === "" ? lines : [...lines, line]
}

const breakWord = (word: string, columns: number): ReadonlyArray<string> => {
  const pieces: Array<string> = []
  let piece = ""
  for (const character of word) {
    if (piece !== "" && displayWidth(piece + character) > columns) {
      pieces.push(piece)
      piece = ""
    }
    piece += character
  }
  return [...pieces, piece]
}
