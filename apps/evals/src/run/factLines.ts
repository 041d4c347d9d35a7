import { wrapText } from "@assay/tui/text"

const indent = 9

/** A fact under its name, as `account  dropped by …`, in lines that fit; a further fact of the same kind has no name. */
export const factLines = (name: string, fact: string, columns: number): ReadonlyArray<string> =>
  wrapText(fact, columns - indent).map((line, index) => (index === 0 ? name : "").padEnd(indent) + line)
