/** What marks where data begins and ends: `<name>…</name>`, lines of `"""`, or a heading over quoted lines. */
export type Delimiter = "xml" | "triple-quotes" | "heading"

/**
 * What stands around a value: tags (all that it lies in, and all that it must not forge), a fence of exactly three
 * quotes, or a heading.
 */
export type Enclosure =
  | { readonly delimiter: "xml"; readonly names: ReadonlyArray<string> }
  | { readonly delimiter: "triple-quotes" }
  | { readonly delimiter: "heading" }
