import type { Enclosure } from "./Delimiter.ts"

/**
 * Changes data as little as it takes so that it cannot close, or open again, the delimiter around it. Most data comes
 * back as it is; `unescapeForDelimiter` with the same enclosure gives the data back exactly.
 *
 * - `xml`: a backslash after the `<` of a tag with one of the names, as `<\/record>`; any case, also with space inside.
 * - `triple-quotes`: a backslash between quotes where three or more meet, and at an edge that is a quote.
 * - `heading`: every line is quoted with `> `, so that no line of the data can be a heading.
 */
export const escapeForDelimiter = (data: string, enclosure: Enclosure): string => {
  switch (enclosure.delimiter) {
    case "xml":
      // Compiling the pattern costs more than all the rest of a prompt without tags.
      return data.includes("<") ? data.replace(tagOf(enclosure.names), "<\\$1") : data
    case "triple-quotes":
      return data
        .replace(quoteChain, (chain) => chain.replace(quoteBeforeQuote, '"\\$1'))
        .replace(/^(?=\\*")/, "\\")
        .replace(/(?<="\\*)$/, "\\")
    case "heading":
      return `> ${data.replace(lineBreak, "$1> ")}`
  }
}

/** The data that `escapeForDelimiter` was given. */
export const unescapeForDelimiter = (text: string, enclosure: Enclosure): string => {
  switch (enclosure.delimiter) {
    case "xml":
      return text.replace(escapedTagOf(enclosure.names), "<$1")
    case "triple-quotes":
      return text
        .replace(/(?<="\\*)\\$/, "")
        .replace(/^\\(?=\\*")/, "")
        .replace(quoteChain, (chain) => chain.replace(escapedQuoteBeforeQuote, '"$1'))
    case "heading":
      return text.replace(/^> /, "").replace(quotedLineBreak, "$1")
  }
}

// Backslashes that the data had there already gain one more, so that nothing is lost on the way back.
const tagOf = (names: ReadonlyArray<string>) => new RegExp(`<(\\\\*)${anyTag(names)}`, "giu")
const escapedTagOf = (names: ReadonlyArray<string>) => new RegExp(`<\\\\(\\\\*)${anyTag(names)}`, "giu")

/** Space and invisible characters in a tag do not make a model read it as anything else. */
const blank = "[\\s\\p{Cf}]*"
const anyTag = (names: ReadonlyArray<string>) => `(?=${blank}(?:/${blank})?(?:${names.map(literal).join("|")}))`

/** Names are letters, digits, `_` and `-`; others cannot be tags, and must not be read as a pattern. */
const literal = (name: string) =>
  name.replace(/[^\w-]/g, (character) => `\\u{${character.codePointAt(0)?.toString(16)}}`)

/** Three quotes or more with nothing but backslashes between them. */
const quoteChain = /"(?:\\*"){2,}/g
const quoteBeforeQuote = /"(\\*)(?=")/g
const escapedQuoteBeforeQuote = /"\\(\\*)(?=")/g

/** All that anyone takes for the end of a line. */
const lineBreak = /(\r\n|[\n\v\f\r\u0085\u2028\u2029])/g
const quotedLineBreak = /(\r\n|[\n\v\f\r\u0085\u2028\u2029])> /g
