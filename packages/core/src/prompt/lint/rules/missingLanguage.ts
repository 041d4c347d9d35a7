import type { LintRule } from "../LintRule.ts"

/**
 * Code in a language that was not asked for fails every test. A request for code names its language, with the version
 * where that matters, and what the code must do.
 */
export const missingLanguage: LintRule = {
  id: "missing-language",
  severity: "warning",
  source: "Assay, structured prompts: language and expected behaviour for code",
  check: ({ messages }) => {
    const own = messages.filter(({ role }) => role !== "assistant")
    if (own.some(({ content }) => language.test(content) || shortLanguage.test(content))) return []
    for (const message of own) {
      const match = request.exec(message.instructions)
      if (match === null) continue
      return [
        {
          message,
          offset: match.index,
          says: `"${match[0].replace(/\s+/g, " ")}" asks for code and names no language`,
          fix: "name the language and its version, as: Language: TypeScript 5"
        }
      ]
    }
    return []
  }
}

const request =
  /\b(?:write|implement|code|refactor|debug|rewrite|complete|generate|develop|fix)\b(?: [\w'’-]+){0,5}? (?:functions?(?! (?:of|in) (?:the|a) )|methods?(?= that| which| to\b|\.|:|\n|$)|programs?(?= that| which| to\b|\.|:|\n|$)|scripts?(?= that| which| to\b|\.|:|\n|$)|(?<!\b(?:area|country|discount|dress|error|penal|postal|promo|qr|rule|tax|zip) )code(?! (?:of|for) (?:conduct|ethics|practice))\b|algorithms?\b|unit tests?\b|compilers?\b|parsers?\b)/i

const language =
  /\b(?:javascript|typescript|python|java|golang|rust|ruby|php|swift|kotlin|scala|haskell|sql|postgres(?:ql)?|mysql|sqlite|bash|shell|powershell|perl|lua|html|css|react|node(?:\.js)?|elixir|erlang|clojure|dart|julia|matlab|zig|ocaml|fortran|cobol|assembly|solidity|wasm|webassembly|vba|regex|pseudocode|language)\b|\{\{\s*(?:programming_?)?lang(?:uage)?\s*\}\}|\b(?:c\+\+|c#|f#|\.net)|```[a-z]/i

/** Names that are also words or letters. */
const shortLanguage =
  /\b(?:in|using|with|idiomatic|of) (?:C|R|Go|D|V|Julia|Swift)\b(?!['’-])|\bGo (?:function|program|code|1\.\d+)\b|\bC(?:89|99|11|17|23)\b/
