/** The tags of a prompt's own parts. No section may have such a name, and no data can forge one. */
export const reservedNames: ReadonlyArray<string> = [
  "context",
  "instructions",
  "constraints",
  "code",
  "questions",
  "output_contract"
]
