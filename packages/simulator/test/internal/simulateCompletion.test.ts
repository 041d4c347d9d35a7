import { describe, expect, it } from "vitest"
import { hashMessages, type SimulatedAnswer, type SimulatedMessage, simulatedModels } from "../../src/index.ts"
import { type Effort, type SimulatedCompletion, simulateCompletion } from "../../src/internal/simulateCompletion.ts"
import { ask, completionOf, contentOf, header, start } from "../support.ts"

const model = simulatedModels["o3-mini"]
if (model === undefined) throw new Error("The price list has lost its first entry.")

const plain = (index: number) => [{ role: "user", content: `How many apples are in box ${index}?` }]

const structured = (index: number) => [
  { role: "system", content: "You are a careful accountant." },
  {
    role: "user",
    content:
      `1. List what is given.\n2. Add it up.\n\n<question>How many apples are in box ${index}?</question>\n\n` +
      "End with a final line of the form `Answer: <number>`."
  }
]

interface Asked {
  readonly messages: ReadonlyArray<SimulatedMessage>
  readonly answer: SimulatedAnswer
  readonly effort?: Effort
  readonly seed?: number
  readonly cap?: number
}

const simulate = ({ messages, answer, effort = "medium", seed = 0, cap = 4000 }: Asked): SimulatedCompletion =>
  simulateCompletion(
    {
      slug: "o3-mini",
      messages,
      messagesHash: hashMessages(messages),
      effort,
      maxCompletionTokens: cap,
      seed,
      jsonMode: undefined
    },
    model,
    answer
  )

const number = (difficulty: number): SimulatedAnswer => ({
  right: "4242",
  wrong: ["17", "99"],
  difficulty,
  format: "number"
})

const many = 3600

/** Over difficulties spread evenly from 0.1 to 0.9. */
const simulateMany = (build: typeof plain, effort: Effort) =>
  Array.from({ length: many }, (_, index) =>
    simulate({ messages: build(index), answer: number(0.1 + (0.8 * (index % 9)) / 8), effort, seed: index })
  )

const passRate = (completions: ReadonlyArray<SimulatedCompletion>): number =>
  completions.filter(({ content }) => content !== null && /4,?242/.test(content)).length / completions.length

const mean = (values: ReadonlyArray<number>): number =>
  values.reduce((total, value) => total + value, 0) / values.length

describe("how often it is right", () => {
  // With 3,600 draws the standard error is below 0.01, so these bands are four or more of them wide of the mark.
  it("is 55 to 75 % for a plain line and 85 to 95 % for a structured prompt, at medium effort", () => {
    const [plainRate, structuredRate] = [plain, structured].map((build) => passRate(simulateMany(build, "medium")))
    expect(plainRate).toBeGreaterThan(0.55)
    expect(plainRate).toBeLessThan(0.75)
    expect(structuredRate).toBeGreaterThan(0.85)
    expect(structuredRate).toBeLessThan(0.95)
  })

  it("rises with effort", () => {
    const [low = 0, medium = 0, high = 0] = (["low", "medium", "high"] as const).map((effort) =>
      passRate(simulateMany(plain, effort))
    )
    expect(medium - low).toBeGreaterThan(0.06)
    expect(high - medium).toBeGreaterThan(0.06)
  })

  it("falls with difficulty", () => {
    const rateAt = (difficulty: number) =>
      passRate(
        Array.from({ length: 800 }, (_, seed) => simulate({ messages: plain(0), answer: number(difficulty), seed }))
      )
    expect(rateAt(0.1) - rateAt(0.9)).toBeGreaterThan(0.4)
  })
})

it("says one of the plausible mistakes when it is wrong, and each of them sometimes", () => {
  const wrong = simulateMany(plain, "medium").filter(
    ({ content, finishReason }) => finishReason === "stop" && !/4,?242|can't help/.test(content ?? "")
  )
  const saying = (mistake: string) => wrong.filter(({ content }) => content?.includes(mistake)).length
  expect(saying("17") + saying("99")).toBe(wrong.length)
  expect(Math.min(saying("17"), saying("99"))).toBeGreaterThan(wrong.length / 3)
})

it("now and then thinks until the cap, less so under an output contract; it is billed for it", () => {
  const [loose, strict] = [plain, structured].map((build) =>
    simulateMany(build, "medium").filter(({ content }) => content === "")
  )
  expect(loose?.length).toBeGreaterThan(many * 0.008)
  expect(loose?.length).toBeLessThan(many * 0.025)
  expect(strict?.length).toBeLessThan(loose?.length ?? 0)
  for (const empty of loose ?? []) {
    expect(empty).toMatchObject({ finishReason: "length", reasoningTokens: 4000, completionTokens: 4000 })
  }
})

it("thinks about 100, 250 and 600 tokens at low, medium and high effort", () => {
  const thinking = (effort: Effort) =>
    mean(
      simulateMany(plain, effort)
        .filter(({ finishReason }) => finishReason === "stop")
        .map(({ reasoningTokens }) => reasoningTokens)
    )
  expect(Math.abs(thinking("low") - 106)).toBeLessThan(15)
  expect(Math.abs(thinking("medium") - 266)).toBeLessThan(30)
  expect(Math.abs(thinking("high") - 638)).toBeLessThan(70)
})

describe("the form of a reply", () => {
  const contents = (messages: ReadonlyArray<SimulatedMessage>, answer: SimulatedAnswer) =>
    Array.from({ length: 300 }, (_, seed) => simulate({ messages, answer, seed }).content ?? "")
  const easy = { difficulty: 0, wrong: ["0"] }

  it("of a number varies as real models vary", () => {
    const seen = contents(plain(0), { ...easy, right: "12345", format: "number" })
    for (const form of [
      /\\boxed\{12,?345\}/,
      /The answer is 12,?345\./,
      /\*\*Answer:\*\* 12,?345/,
      /^12,?345$/,
      /12,345/,
      /12345/
    ]) {
      expect(seen.filter((content) => form.test(content)).length).toBeGreaterThan(3)
    }
  })

  it.each([
    ["End with a line `Answer: <number>`.", /\n\nAnswer: 12,?345$/],
    ["Put the number in \\boxed{}.", /\\boxed\{12,?345\}$/],
    ["Put it into <answer> tags.", /<answer>12,?345<\/answer>$/],
    ["Answer with only the number.", /^12,?345$/]
  ])("follows the contract %j nearly always, but not always", (contract, form) => {
    const answer: SimulatedAnswer = { ...easy, right: "12345", wrong: ["12345"], format: "number" }
    const seen = contents([{ role: "user", content: `How many apples? ${contract}` }], answer)
    const following = seen.filter((content) => form.test(content)).length / seen.length
    expect(following).toBeGreaterThan(0.9)
    expect(following).toBeLessThan(1)
  })

  it("of JSON is bare, fenced, or fenced after a chatty sentence", () => {
    const right = '{"label":"refund"}'
    const seen = contents(plain(0), { ...easy, right, wrong: [right], format: "json" })
    for (const form of [/^\{/, /^```json\n\{.*\n```$/, /^Sure!.*\n\n```json/]) {
      expect(seen.filter((content) => form.test(content)).length).toBeGreaterThan(30)
    }
  })

  it("of code has a fence that names the language, bare or with an explanation around it", () => {
    const right = "const f = () => 1"
    const seen = contents(plain(0), { ...easy, right, wrong: [right], format: "code", language: "ts" })
    for (const form of [/^```ts\nconst f = \(\) => 1\n```$/, /^Here is .*```\n\n.+$/s, /^const/]) {
      expect(seen.filter((content) => form.test(content)).length).toBeGreaterThan(10)
    }
  })

  it("of an unknown prompt is one short sentence", async () => {
    const simulator = await start()
    expect(contentOf(await ask(simulator))).toContain("no answer for")
  })
})

describe("over the wire", () => {
  const messages = plain(7)
  const book = () => new Map([[hashMessages(messages), number(0.5)]])
  const body = { messages, reasoning_effort: "high", max_completion_tokens: 3000 }

  it("the same request and seed give the same bytes and cost, in another simulator too", async () => {
    const [one, other] = [await start({ answers: book() }), await start({ answers: book() })]
    for (let seed = 0; seed < 20; seed++) {
      const first = await ask(one, { body: { ...body, seed } })
      const again = await ask(other, { body: { ...body, seed } })
      expect(again.text).toBe(first.text)
      expect(header(again, "x-cost")).toBe(header(first, "x-cost"))
    }
  })

  it("no seed is seed 0, and other seeds give other replies", async () => {
    const simulator = await start({ answers: book() })
    const texts = await Promise.all(
      [undefined, 0, 1, 2].map((seed) => ask(simulator, { body: { ...body, seed } }).then(({ text }) => text))
    )
    expect(texts[0]).toBe(texts[1])
    expect(new Set(texts).size).toBe(3)
  })

  it("the cap bites: first into the answer, then into the thinking, and never lets a token past", async () => {
    const simulator = await start({ answers: book() })
    const whole = completionOf(await ask(simulator, { body: { ...body, seed: 2 } }))
    const { completion_tokens: all, completion_tokens_details: details } = whole.usage
    expect(whole.choices[0]?.finish_reason).toBe("stop")
    expect(all).toBeGreaterThan(details.reasoning_tokens)

    const capped = async (cap: number) => {
      const completion = completionOf(await ask(simulator, { body: { ...body, seed: 2, max_completion_tokens: cap } }))
      return { ...completion.choices[0], usage: completion.usage }
    }
    expect(await capped(all)).toMatchObject({ finish_reason: "stop", usage: { completion_tokens: all } })
    const cut = await capped(all - 1)
    expect(cut).toMatchObject({ finish_reason: "length", usage: { completion_tokens: all - 1 } })
    expect(whole.choices[0]?.message.content?.startsWith(cut.message?.content ?? "?")).toBe(true)
    const charges = simulator.account.spent
    expect(await capped(details.reasoning_tokens)).toMatchObject({
      finish_reason: "length",
      message: { content: "" },
      usage: {
        completion_tokens: details.reasoning_tokens,
        completion_tokens_details: { reasoning_tokens: details.reasoning_tokens }
      }
    })
    expect(simulator.account.spent - charges).toBeGreaterThan(BigInt(details.reasoning_tokens) * 4_400_000n)
    expect(await capped(5)).toMatchObject({
      message: { content: "" },
      usage: { completion_tokens: 5, completion_tokens_details: { reasoning_tokens: 5 } }
    })
  })

  it("prompt tokens stay under the bound that the contract gives", async () => {
    const simulator = await start()
    for (const content of ["", "a", "日本語".repeat(50), "🙂", "x".repeat(10_000)]) {
      for (const count of [1, 2, 30]) {
        const many = Array.from({ length: count }, () => ({ role: "user", content }))
        const { usage } = completionOf(await ask(simulator, { body: { messages: many } }))
        expect(usage.prompt_tokens).toBeLessThanOrEqual((Buffer.byteLength(content) + 8) * count + 32)
      }
    }
  })

  it("a JSON mode gives bare JSON with the schema's own key", async () => {
    const simulator = await start({ answers: book() })
    const json_schema = { name: "count", schema: { type: "object", properties: { apples: { type: "string" } } } }
    const answered = await ask(simulator, {
      body: { ...body, seed: 2, response_format: { type: "json_schema", json_schema } }
    })
    expect(Object.keys(JSON.parse(contentOf(answered) ?? ""))).toEqual(["apples"])
    const refused = await ask(simulator, { body: { ...body, response_format: { type: "json_object" } } })
    expect(refused.status).toBe(400)
  })
})
