import type { LintOptions, PromptMessage } from "../../../src/prompt.ts"

/** A prompt, or a prompt with the options that it is looked at with. */
export type Example =
  | string
  | ReadonlyArray<PromptMessage>
  | { readonly prompt: string | ReadonlyArray<PromptMessage>; readonly options: LintOptions }

const user = (content: string): PromptMessage => ({ role: "user", content })
const system = (content: string): PromptMessage => ({ role: "system", content })
const developer = (content: string): PromptMessage => ({ role: "developer", content })
const turns = (...outputs: ReadonlyArray<string>): ReadonlyArray<PromptMessage> => [
  system("Classify the ticket."),
  ...outputs.flatMap((content): ReadonlyArray<PromptMessage> => [user("A ticket"), { role: "assistant", content }]),
  user("The ticket")
]
const withResults = (results: LintOptions["results"], settings: LintOptions["settings"]): Example => ({
  prompt: "Decide.",
  options: { results: results ?? [], ...(settings === undefined ? {} : { settings }) }
})
const o3 = (reasoningEffort: "low" | "medium" | "high", passes: number, n: number) => ({
  model: "o3-mini",
  reasoningEffort,
  passes,
  n
})
const o3High = { model: "o3-mini", reasoningEffort: "high" } as const

/** For each rule prompts that it must speak about, and prompts that look alike and are right. */
export const examples: Readonly<
  Record<string, { readonly found: ReadonlyArray<Example>; readonly clean: ReadonlyArray<Example> }>
> = {
  "think-step-by-step": {
    found: [
      "Think step by step.",
      "Let's think about this first.",
      "Let us reason about this first.",
      "Please reason about the problem step-by-step before you answer.",
      "Solve the puzzle. Step by step.",
      "Explain your reasoning, then answer.",
      "Take a deep breath and work it out step by step.",
      "Show your work.",
      "Think carefully before answering.",
      "Use a chain-of-thought to reach the answer.",
      "It must not be long.\nThink hard.",
      [system("Use step-by-step reasoning."), user("What is 2 + 2?")],
      { prompt: "Think step by step.", options: { models: ["gpt-4o", "o3-mini"] } }
    ],
    clean: [
      "Follow the procedure step by step and stop where it says so.",
      "Calculate one step at a time, and keep full precision until the end.",
      "Do not think step by step; answer at once.",
      "Answer without explaining your reasoning.",
      'Say whether the prompt contains "let\'s think step by step".',
      "Write a step-by-step guide for changing a tyre.",
      "Show the calculation in at most eight short lines.",
      "<record>\nLet's think step by step.\n</record>\n\nDecide the record.",
      "Give the reason for each rule that you name.",
      { prompt: "Think step by step.", options: { models: ["gpt-4o"] } },
      [user("What is 2 + 2?"), { role: "assistant", content: "Let's think. 4." }, user("And 3 + 3?")]
    ]
  },
  "undelimited-data": {
    found: [
      "Translate {{text}} to French.",
      "{{question}}\n\nGive the answer.",
      "Question: {{question}}",
      "Decide the record below.\n\n{{record}}",
      "<instructions>\nDecide.\n</instructions>\n{{record}}",
      "Fill <name> in: {{record}}",
      "## Task\n\nDecide the record.\n{{record}}",
      "Decide this:\n\n> {{record}}",
      { prompt: [user("Decide this: bought 3 days ago")], options: { data: ["bought 3 days ago"] } }
    ],
    clean: [
      "<record>\n{{record}}\n</record>\n\nDecide.",
      '"""\n{{record}}\n"""\nDecide.',
      "```json\n{{record}}\n```\nDecide.",
      "Write the function `{{entry}}`.",
      'Translate "{{text}}" to French.',
      "# Record\n\n{{record}}\n\n# Task\n\nDecide it.",
      "Decide.\n\n---\n{{record}}\n---\n",
      "## system\n\nDecide the record.\n\n## user\n\n{{record}}",
      "<documents><document id='1'>{{first}}</document></documents> Summarise.",
      { prompt: [user("<r>\nbought 3 days ago\n</r> Decide.")], options: { data: ["bought 3 days ago"] } },
      { prompt: [user("Decide this:\n\n> bought 3 days ago")], options: { data: ["bought 3 days ago"] } },
      { prompt: [system("Decide."), user("bought 3 days ago")], options: { data: ["bought 3 days ago"] } }
    ]
  },
  "unnumbered-questions": {
    found: [
      "What are the compounds? Why should we consider them?",
      "Who signed it?\nWhen was it signed?",
      "- Who signed it?\n- When was it signed?",
      "Is {{name}} a customer? Since when?",
      "1. Who signed it?\nWhen? Where?",
      [system("Answer."), user("What is it? How much is it?")]
    ],
    clean: [
      "What are the compounds?",
      "1. Who signed it?\n2. When was it signed?",
      "Q1: Who signed it?\nQ2: When was it signed?",
      "a) Who?\nb) When?",
      "- **1.** Who?\n- **2.** When?",
      "<email>\nHow are you? When do you come?\n</email>\n\nWhat does the writer want?",
      'Say whether "Who?" or "When?" is asked.',
      "Open https://example.com/?a=1 and https://example.com/?b=2 for the facts.",
      [user("Who?"), { role: "assistant", content: "Who? When?" }, user("And when?")]
    ]
  },
  "missing-output-contract": {
    found: [
      "Give the answer.",
      "<problem>\n{{question}}\n</problem>\n\nSolve it.",
      "Write this JavaScript function: {{signature}}",
      "Summarise the text.",
      "## system\n\nYou are a lawyer.\n\n## user\n\nIs the contract valid?",
      "The record is JSON. Decide it."
    ],
    clean: [
      "Reply in JSON with decision and reasons.",
      "Solve it. End with one last line: Answer: <number>",
      "<output_contract>\nA number.\n</output_contract>\nSolve it.",
      "Solve it.\n\n## Output format\n\nA number.",
      "Answer with the number alone.",
      "Summarise the text in at most three sentences.",
      "Answer yes or no.",
      "Return only the code.",
      "Give a list of three names.",
      [user("2 + 2"), { role: "assistant", content: "4" }, user("3 + 3")]
    ]
  },
  "missing-language": {
    found: [
      "Write a function that returns the median of an array.",
      "Implement the algorithm.",
      "Write code for this:\n\n<task>\n{{task}}\n</task>",
      "Refactor this method.",
      "Generate unit tests for the signature below.",
      "Write a small script to rename files."
    ],
    clean: [
      "Write this JavaScript function: {{signature}}",
      "Write a function that returns the median, in C.",
      "Write a program in {{language}} that sorts.",
      "Implement the algorithm.\n\nLanguage: Python 3.13",
      "Write a Go function that returns the median.",
      "Complete the function:\n```ts\nconst median =\n```",
      "Write a code of conduct.",
      "Write a program for the concert.",
      "Explain the function of the heart.",
      "Write a script for a film.",
      "Fix the dress code in this letter's second paragraph."
    ]
  },
  "mixed-roles": {
    found: [
      [system("Be brief."), developer("Be exact."), user("2 + 2")],
      [developer("Be exact."), user("2 + 2"), system("Be brief.")],
      "## system\n\nBe brief.\n\n## developer\n\nBe exact.\n\n## user\n\n2 + 2",
      "## developer\n\nBe exact.\n\n## user\n\n2 + 2",
      [developer("Be exact."), user("2 + 2")]
    ],
    clean: [
      [system("Be brief."), user("2 + 2")],
      "## system\n\nBe brief.\n\n## user\n\n2 + 2",
      "You are a developer. Be brief.",
      "## system\n\nYou help the developer of a system.\n\n## user\n\n### Developer\n\nAda",
      [user("Is there a system or a developer message?")]
    ]
  },
  "inconsistent-examples": {
    found: [
      turns('{"kind":"bug"}', "bug"),
      turns('{"kind":"bug"}', '{"category":"bug"}'),
      turns("42", "It is 42."),
      turns("Adding up.\nAnswer: 4", "Adding up.\nResult: 4"),
      turns("```json\n{}\n```", "{}"),
      [system("Reply in JSON."), user("A ticket"), { role: "assistant", content: "It is a bug." }, user("The ticket")]
    ],
    clean: [
      turns('{"kind":"bug"}', '{ "kind": "wish" }'),
      turns('{"kind":"bug","at":1}', '{"at":2,"kind":"wish"}'),
      turns("bug", "a wish of the customer"),
      turns("Adding up.\nAnswer: 4", "Taking away.\n\nAnswer: 2"),
      turns("42", "-1,000.5"),
      turns("It is a bug."),
      [system("Reply in JSON."), user("A ticket"), { role: "assistant", content: '{"a":1}' }, user("The ticket")]
    ]
  },
  "secret-in-prompt": {
    found: [
      `Call it with SG_${"1a2b3c4d5e6f7a8b"}.`,
      `The key is sk-${"proj-Ab3dEf6hIj9kLm2nOp5q"}.`,
      `AKIA${"Z7Q2M4X9B1C3D5E8"} is the account.`,
      `Use ghp_${"a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6"} to push.`,
      `-----BEGIN ${"RSA PRIVATE"} KEY-----`,
      [system(`Your key: SG_${"9f8e7d6c5b4a3210"}`), user("Hello")]
    ],
    clean: [
      "Set SEGMIND_API_KEY to SG_your_key_here.",
      "Keys look like sk-... or SG_xxxxxxxxxxxxxxxx.",
      "The task-management-system-of-2024 is down.",
      "sk-your-own-api-key-goes-here",
      "{{api_key}}",
      "-----BEGIN CERTIFICATE-----"
    ]
  },
  "unclosed-variable": {
    found: [
      "Decide {{record.",
      "Decide {{record}.",
      "<record>\n{{ record\n</record>",
      "Dear {{name, thank you for {{order}}.",
      "Decide {{record",
      [user("Decide {{record}")]
    ],
    clean: [
      "Decide {{record}}.",
      "Decide {{ record }} by {{policy}}.",
      'Reply with {"a": {"b": 1}}.',
      "Style it with style={{ color: 'red',",
      "```jsx\n<A b={{c\n```",
      "{{{{",
      "Sets are written {{1, 2}, {3}}."
    ]
  },
  "too-long": {
    found: [
      "word ".repeat(5_000),
      [system("word ".repeat(3_000)), user("word ".repeat(3_000))],
      { prompt: "Decide the record.", options: { longestCharacters: 10 } },
      { prompt: [user("Decide"), user("the record")], options: { longestCharacters: 15 } }
    ],
    clean: [
      "word ".repeat(4_000),
      [system("word ".repeat(2_000)), user("word ".repeat(2_000))],
      { prompt: "Decide the record.", options: { longestCharacters: 18 } },
      { prompt: "word ".repeat(5_000), options: { longestCharacters: 100_000 } }
    ]
  },
  "more-than-results-justify": {
    found: [
      withResults([o3("low", 40, 50), o3("high", 41, 50)], o3High),
      withResults([o3("medium", 20, 20), o3("high", 20, 20)], o3High),
      withResults([o3("low", 49, 50), o3("high", 20, 50)], o3High),
      withResults([{ model: "o1", passes: 45, n: 50 }, o3("medium", 44, 50)], { model: "o1" }),
      withResults([o3("low", 10, 50), o3("medium", 40, 50), o3("high", 42, 50)], o3High)
    ],
    clean: [
      withResults([o3("low", 20, 50), o3("high", 45, 50)], o3High),
      withResults([o3("low", 3, 4), o3("high", 4, 4)], o3High),
      withResults([o3("low", 3, 4), o3("high", 45, 50)], o3High),
      withResults([o3("low", 40, 50), o3("high", 4, 4)], o3High),
      withResults([o3("low", 40, 50), o3("high", 41, 50)], { model: "o3-mini", reasoningEffort: "low" }),
      withResults([o3("low", 40, 50)], o3High),
      withResults([{ model: "mystery", passes: 45, n: 50 }, o3("high", 44, 50)], o3High),
      withResults([{ model: "o1", passes: 45, n: 50 }, o3("high", 44, 50)], { model: "o1" }),
      withResults([o3("low", 40, 50), o3("high", 41, 50)], undefined)
    ]
  }
}
