import { gunzipSync } from "node:zlib"
import { describe, expect, it } from "vitest"
import type { Fault } from "../src/index.ts"
import { type Answered, ask, completionOf, hello, manualClock, pico, start } from "./support.ts"

/** The fault on the first call, then what the second one is like. */
const first = (fault: Fault) => start({ faults: { 0: fault }, clock: manualClock(1_800_000_000_000) })

describe("a fault that stands in the way costs nothing and passes", () => {
  const cases: ReadonlyArray<readonly [Fault, number, RegExp, string]> = [
    [{ _tag: "ServerError", format: "json" }, 500, /^\{"error":"Internal server error"\}$/, "application/json"],
    [
      { _tag: "ServerError", format: "text", message: "Internal Polling Error" },
      500,
      /^Internal Polling Error$/,
      "text/plain"
    ],
    [{ _tag: "BadGateway", status: 502, charged: false }, 502, /<h1>502 Bad Gateway/, "text/html"],
    [{ _tag: "BadGateway", status: 524, charged: false }, 524, /<h1>524 /, "text/html"],
    [{ _tag: "NotAcceptable", reason: "credits", format: "json" }, 406, /"Insufficient credits/, "application/json"],
    [{ _tag: "NotAcceptable", reason: "spendLimit", format: "text" }, 406, /^Team spend limit/, "text/plain"],
    [{ _tag: "NotAcceptable", reason: "parameter", format: "json" }, 406, /Parameter/, "application/json"],
    [{ _tag: "NotAcceptable", reason: "contentType", format: "json" }, 406, /content type/, "application/json"],
    [{ _tag: "Unauthorized" }, 401, /API key is invalid/, "application/json"],
    [{ _tag: "Retired" }, 410, /retired/, "application/json"],
    [{ _tag: "MethodNotAllowed" }, 405, /<h1>405/, "text/html"]
  ]
  it.each(cases)("%j", async (fault, status, body, type) => {
    const simulator = await first(fault)
    const answered = await ask(simulator)
    expect(answered.status).toBe(status)
    expect(answered.text).toMatch(body)
    expect(answered.headers["content-type"]?.[0]).toContain(type)
    expect(answered.headers).not.toHaveProperty("x-cost")
    expect(simulator.account.charges).toBe(0)
    expect((await ask(simulator)).status).toBe(200)
  })

  it.each([
    ["iso", ["2027-01-15T08:00:05.000Z"]],
    ["space", ["2027-01-15 08:00:05"]],
    ["epochSeconds", ["1800000005"]],
    ["epochMilliseconds", ["1800000005000"]],
    ["httpDate", ["Fri, 15 Jan 2027 08:00:05 GMT"]],
    ["past", ["2020-01-01T00:00:00Z"]],
    ["absurd", ["9999-12-31T23:59:59Z"]],
    ["absent", undefined]
  ] as const)("a 429 whose reset is written as %s", async (reset, value) => {
    const answered = await ask(await first({ _tag: "RateLimited", reset, seconds: 5 }))
    expect(answered.status).toBe(429)
    expect(answered.headers["x-rate-limit-reset-at-utc"]).toEqual(value)
  })

  it("a reset before the charge", async () => {
    const simulator = await first({ _tag: "Reset", charged: false })
    await expect(ask(simulator)).rejects.toMatchObject({ code: "ECONNRESET" })
    expect(simulator).toMatchObject({ calls: 1, account: { charges: 0, reserved: 0n } })
  })
})

describe("a charged call whose reply is lost", () => {
  it("by a reset", async () => {
    const simulator = await first({ _tag: "Reset", charged: true })
    await expect(ask(simulator)).rejects.toMatchObject({ code: "ECONNRESET" })
    expect(simulator.account.charges).toBe(1)
  })

  it("behind a proxy's page", async () => {
    const simulator = await first({ _tag: "BadGateway", status: 504, charged: true })
    expect(await ask(simulator)).toMatchObject({ status: 504, text: expect.stringContaining("504 Gateway Time-out") })
    expect(simulator.account.charges).toBe(1)
  })

  it("in the middle of its body", async () => {
    const simulator = await first({ _tag: "TruncatedBody" })
    await expect(ask(simulator)).rejects.toThrow("aborted")
    expect(simulator.account.charges).toBe(1)
  })

  it("and whose charge only follows after the client has gone", async () => {
    const clock = manualClock()
    const simulator = await start({ faults: { 0: { _tag: "LateCharge", ms: 60_000 } }, clock })
    await expect(ask(simulator)).rejects.toMatchObject({ code: "ECONNRESET" })
    clock.advance(59_999)
    expect(simulator.account.charges).toBe(0)
    clock.advance(1)
    expect(simulator.account.charges).toBe(1)
  })
})

describe("a charged call whose reply is spoilt", () => {
  const spoilt = async (fault: Fault): Promise<Answered> => {
    const simulator = await first(fault)
    const answered = await ask(simulator)
    expect(answered.status).toBe(200)
    expect(simulator.account.charges).toBe(1)
    return answered
  }

  it("as invalid JSON", async () => {
    const { text } = await spoilt({ _tag: "InvalidJson" })
    expect(() => JSON.parse(text)).toThrow()
  })

  it.each([
    ["ErrorInside", { error: expect.any(String) }],
    ["NoChoices", { choices: [] }],
    ["Refusal", { choices: [{ message: { content: null, refusal: expect.any(String) }, finish_reason: "stop" }] }],
    ["NullContent", { choices: [{ message: { content: null, refusal: null }, finish_reason: "stop" }] }]
  ] as const)("as %s", async (_tag, body) => {
    expect(JSON.parse((await spoilt({ _tag })).text)).toMatchObject(body)
  })

  it("as an empty answer that thought to the end", async () => {
    const { choices, usage } = completionOf(await spoilt({ _tag: "EmptyLength" }))
    expect(choices).toMatchObject([{ message: { content: "" }, finish_reason: "length" }])
    expect(usage.completion_tokens_details.reasoning_tokens).toBe(usage.completion_tokens)
  })

  it("without its usage", async () => {
    expect(JSON.parse((await spoilt({ _tag: "MissingUsage" })).text)).not.toHaveProperty("usage")
  })

  it.each([
    [null, undefined],
    ["", [""]],
    ["NaN", ["NaN"]],
    ["1e-3", ["1e-3"]],
    [
      ["0.1", "0.2"],
      ["0.1", "0.2"]
    ]
  ])("by x-cost %j", async (value, seen) => {
    const answered = await spoilt({ _tag: "Header", name: "x-cost", value })
    expect(answered.headers["x-cost"]).toEqual(seen)
    expect(answered.headers["x-remaining-credits"]).toHaveLength(1)
  })

  it("by a byte order mark or white space around it", async () => {
    expect((await spoilt({ _tag: "Encoding", encoding: "byteOrderMark" })).text).toMatch(/^\uFEFF\{/)
    expect((await spoilt({ _tag: "Encoding", encoding: "trailingWhitespace" })).text).toMatch(/\}\s+$/)
  })

  it("by compression nobody asked for", async () => {
    const { headers, bytes } = await spoilt({ _tag: "Encoding", encoding: "gzip" })
    expect(headers["content-encoding"]).toEqual(["gzip"])
    expect(JSON.parse(gunzipSync(bytes).toString())).toMatchObject({ object: "chat.completion" })
  })
})

it("charges more than the bound when told so, and owns up to it", async () => {
  const simulator = await first({ _tag: "Charge", amount: pico("2.5") })
  const answered = await ask(simulator, { body: { ...hello, max_completion_tokens: 50 } })
  expect(answered.headers["x-cost"]).toEqual(["2.5"])
  expect(simulator.account.balance).toBe(pico("7.5"))
})

it("moves the account just before a call by a top-up or foreign spend", async () => {
  const simulator = await start({
    faults: { 0: { _tag: "TopUp", amount: pico("5") }, 1: { _tag: "SpendElsewhere", amount: pico("1") } }
  })
  const [one, two] = [await ask(simulator), await ask(simulator)]
  const balances = [one, two].map(({ headers }) => pico(headers["x-remaining-credits"]?.[0] ?? ""))
  const cost = pico(one.headers["x-cost"]?.[0] ?? "")
  expect(balances).toEqual([pico("15") - cost, pico("14") - 2n * cost])
})

describe("time", () => {
  it("stretches with a delay, and the charge comes at its end", async () => {
    const clock = manualClock()
    const simulator = await start({ faults: { 0: { _tag: "Delay", ms: 5000 } }, clock })
    const pending = ask(simulator)
    await clock.scheduled(1)
    expect(simulator.account).toMatchObject({ charges: 0, balance: pico("10") })
    expect(simulator.account.reserved).toBeGreaterThan(0n)
    clock.advance(5000)
    expect((await pending).headers["x-generation-time"]).toEqual(["5.000"])
    expect(simulator.account).toMatchObject({ charges: 1, reserved: 0n })
  })

  it("lets a held reply arrive after a later one, with the older and higher balance", async () => {
    const clock = manualClock()
    const simulator = await start({ faults: { 0: { _tag: "HeldReply", ms: 5000 } }, clock })
    const held = ask(simulator)
    await clock.scheduled(1)
    const later = await ask(simulator)
    clock.advance(5000)
    const [older = "", newer = ""] = [await held, later].map(({ headers }) => headers["x-remaining-credits"]?.[0])
    expect(pico(older)).toBeGreaterThan(pico(newer))
  })

  it("drips a body chunk by chunk to its whole", async () => {
    const clock = manualClock()
    const simulator = await start({ faults: { 0: { _tag: "SlowDrip", chunkBytes: 200, everyMs: 1000 } }, clock })
    const pending = ask(simulator)
    await clock.scheduled(1)
    expect(simulator.account.charges).toBe(1)
    clock.advance(60_000)
    expect((await pending).text).toBe((await ask(simulator)).text)
  })

  it("cuts a call off with a 500 after 100 s, as the gateway's own polling does", async () => {
    const clock = manualClock()
    const fault: Fault = { _tag: "ServerError", format: "json", message: "Internal Polling Error", afterMs: 100_000 }
    const simulator = await start({ faults: { 0: fault }, clock })
    const pending = ask(simulator)
    await clock.scheduled(1)
    clock.advance(100_000)
    expect(await pending).toMatchObject({ status: 500, text: '{"error":"Internal Polling Error"}' })
  })

  it("scales the latency of a reply with its draw and its tokens, from the same seed the same", async () => {
    const clock = manualClock()
    const simulator = await start({ latency: { medianMs: 3000, spread: 0.5 }, clock })
    const times = []
    for (const [turn, seed] of [1, 2, 3, 1].entries()) {
      const pending = ask(simulator, { body: { ...hello, seed } })
      await clock.scheduled(turn + 1)
      clock.advance(120_000)
      times.push((await pending).headers["x-generation-time"]?.[0])
    }
    expect(times[3]).toBe(times[0])
    expect(new Set(times).size).toBe(3)
  })
})

it("can be decided call by call, by a function that sees slug and messages", async () => {
  const simulator = await start({
    faults: ({ index, slug, messages }) =>
      index === 1 && slug === "o3-mini" && messages[0]?.content === "Say hello." ? { _tag: "Retired" } : undefined
  })
  const statuses = [await ask(simulator), await ask(simulator), await ask(simulator)].map(({ status }) => status)
  expect(statuses).toEqual([200, 410, 200])
})
