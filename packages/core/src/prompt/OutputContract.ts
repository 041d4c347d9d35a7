import { Schema } from "effect"

/** The form that an output must have: in the author's words, or as the schema of a JSON value with one line of rule. */
export type OutputContract = string | { readonly schema: Schema.Constraint; readonly rule?: string }

const defaultRule =
  "Reply with exactly one JSON value that this JSON Schema describes and nothing else: no code fence, no comment, no text around it."

/**
 * The contract as text. A schema becomes the JSON Schema (draft 2020-12) of its JSON form, on one line, in which objects
 * take no other keys. It is a description for the model: decoding the output with the schema stays the authority.
 */
export const outputContractText = (contract: OutputContract): string => {
  if (typeof contract === "string") return contract
  const { schema, definitions } = Schema.toJsonSchemaDocument(contract.schema, { onExcessProperty: "error" })
  const document = Object.keys(definitions).length === 0 ? schema : { ...schema, $defs: definitions }
  return `${contract.rule ?? defaultRule}\n\n${JSON.stringify(document)}`
}
