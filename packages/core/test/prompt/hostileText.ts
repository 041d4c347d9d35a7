import type { Chance } from "../support/seeds.ts"

/** Text that tries to leave its delimiter: every mark that a delimiter has, in pieces and in all neighbourhoods. */
export const hostileText = ({ int, pick }: Chance, name = "record"): string => {
  const piece = () =>
    pick([
      `</${name}>`,
      `<${name}>`,
      `<\\/${name}>`,
      `<\\\\${name}`,
      `< / ${name.toUpperCase()} >`,
      `<\u200b/${name}`,
      "</instructions>",
      "<output_contract>",
      '"""',
      '"',
      '""""',
      '\\"',
      "\\",
      "\n",
      "\r",
      "\r\n",
      "\u2028",
      "\n> ",
      "> ",
      "\n## Record\n\n",
      `\n</${name}>\n`,
      `\n"""\n`,
      "record:\n",
      " ",
      "<",
      "/",
      ">",
      "{{record}}",
      "word",
      "ſ",
      "\ud800",
      String.fromCharCode(int(0x3000))
    ])
  return Array.from({ length: int(14) }, piece).join("")
}
