import { describe, expect, it } from "vitest"
import type { BatchFault, Simulator, SimulatorOptions } from "../src/index.ts"
import { type Answered, ask, manualClock, start } from "./support.ts"

interface BatchObject {
  readonly id: string
  readonly status: string
  readonly output_file_id: string | null
  readonly error_file_id: string | null
  readonly errors: { readonly data: ReadonlyArray<{ readonly code: string; readonly line: number | null }> } | null
  readonly request_counts: { readonly total: number; readonly completed: number; readonly failed: number }
  readonly metadata: Readonly<Record<string, string>> | null
  readonly usage: { readonly input_tokens: number; readonly output_tokens: number }
}

interface ResultLine {
  readonly custom_id: string
  readonly response: {
    readonly status_code: number
    readonly body: { readonly usage: { readonly prompt_tokens: number; readonly completion_tokens: number } }
  } | null
  readonly error: { readonly code: string } | null
}

const read = <A>(answered: Answered): A => JSON.parse(answered.text) as A

const line = (id: string, body: object = {}) =>
  JSON.stringify({
    custom_id: id,
    method: "POST",
    url: "/v1/chat/completions",
    body: { model: "o3-mini", messages: [{ role: "user", content: `Say ${id}.` }], max_completion_tokens: 500, ...body }
  })

const inputOf = (count: number) => Array.from({ length: count }, (_, index) => line(`line-${index}`)).join("\n")

const bearer = ({ apiKey }: Simulator) => ({ "x-api-key": null, authorization: `Bearer ${apiKey}` })

const multipart = (text: string, { purpose = "batch", filename = "input.jsonl" } = {}) =>
  `--edge\r\nContent-Disposition: form-data; name="purpose"\r\n\r\n${purpose}\r\n` +
  `--edge\r\nContent-Disposition: form-data; name="file"; filename="${filename}"\r\n` +
  `Content-Type: application/jsonl\r\n\r\n${text}\r\n--edge--\r\n`

const upload = (simulator: Simulator, body: string) =>
  ask(simulator, {
    path: "/v1/files",
    headers: { ...bearer(simulator), "content-type": "multipart/form-data; boundary=edge" },
    body
  })

const create = (simulator: Simulator, input_file_id: string, metadata?: object) =>
  ask(simulator, {
    path: "/v1/batches",
    headers: bearer(simulator),
    body: {
      input_file_id,
      endpoint: "/v1/chat/completions",
      completion_window: "24h",
      ...(metadata === undefined ? {} : { metadata })
    }
  })

const get = (simulator: Simulator, path: string) =>
  ask(simulator, { method: "GET", path, headers: bearer(simulator), body: "" })

const fileLines = async (simulator: Simulator, id: string | null) => {
  if (id === null) return []
  const text = (await get(simulator, `/v1/files/${id}/content`)).text
  return text
    .split("\n")
    .filter((row) => row !== "")
    .map((row) => JSON.parse(row) as ResultLine)
}

const pace = { validatingMs: 1000, runningMs: 10_000, finalizingMs: 1000 }

/** A batch of so many lines, made but not yet run. */
const made = async (count: number, faults: ReadonlyArray<BatchFault> = [], options: SimulatorOptions = {}) => {
  const clock = manualClock()
  const simulator = await start({ clock, batchPace: pace, batchFaults: { 0: faults }, ...options })
  const file = read<{ readonly id: string }>(await upload(simulator, multipart(inputOf(count))))
  const batch = read<BatchObject>(await create(simulator, file.id, { run: "r1" }))
  const status = async () => read<BatchObject>(await get(simulator, `/v1/batches/${batch.id}`))
  const results = async () => {
    const { output_file_id, error_file_id } = await status()
    return { output: await fileLines(simulator, output_file_id), error: await fileLines(simulator, error_file_id) }
  }
  return { clock, simulator, batch, status, results }
}

const idsOf = (lines: ReadonlyArray<ResultLine>) => lines.map(({ custom_id }) => custom_id)

describe("a batch", () => {
  it("goes from validating through in_progress and finalizing to completed, by the clock", async () => {
    const { clock, batch, status } = await made(40)
    expect(batch).toMatchObject({ status: "validating", metadata: { run: "r1" }, output_file_id: null, errors: null })
    clock.advance(1000)
    expect(await status()).toMatchObject({ status: "in_progress", request_counts: { total: 40, completed: 0 } })
    clock.advance(5000)
    expect(await status()).toMatchObject({ status: "in_progress", request_counts: { total: 40, completed: 20 } })
    clock.advance(5000)
    expect(await status()).toMatchObject({ status: "finalizing", output_file_id: null })
    clock.advance(1000)
    expect(await status()).toMatchObject({
      status: "completed",
      request_counts: { total: 40, completed: 40, failed: 0 }
    })
  })

  it("costs half of what its usage costs at list price, line by line, and gives no order", async () => {
    const { clock, simulator, results, status } = await made(40)
    clock.advance(20_000)
    const { output, error } = await results()
    expect(error).toEqual([])
    expect(idsOf(output)).not.toEqual(Array.from({ length: 40 }, (_, index) => `line-${index}`))
    expect(new Set(idsOf(output)).size).toBe(40)
    let prompt = 0
    let completion = 0
    for (const { response } of output) {
      prompt += response?.body.usage.prompt_tokens ?? 0
      completion += response?.body.usage.completion_tokens ?? 0
    }
    // 1.10 and 4.40 dollars a million tokens, halved.
    expect(simulator.account.spent).toBe(BigInt(prompt) * 550_000n + BigInt(completion) * 2_200_000n)
    expect(simulator.account).toMatchObject({ charges: 40, reserved: 0n })
    expect((await status()).usage).toMatchObject({ input_tokens: prompt, output_tokens: completion })
  })

  it("that is cancelled keeps and charges what had run, and names the rest", async () => {
    const { clock, simulator, batch, status, results } = await made(40)
    clock.advance(6000)
    const cancelled = await ask(simulator, {
      path: `/v1/batches/${batch.id}/cancel`,
      headers: bearer(simulator),
      body: ""
    })
    expect(read<BatchObject>(cancelled).status).toBe("cancelling")
    clock.advance(20_000)
    expect(await status()).toMatchObject({
      status: "cancelled",
      request_counts: { total: 40, completed: 20, failed: 20 }
    })
    const { output, error } = await results()
    expect([output.length, error.length]).toEqual([20, 20])
    expect(error.every(({ response, error }) => response === null && error?.code === "batch_cancelled")).toBe(true)
    expect(simulator.account.charges).toBe(20)
    const again = await ask(simulator, { path: `/v1/batches/${batch.id}/cancel`, headers: bearer(simulator), body: "" })
    expect(again.status).toBe(400)
  })

  it("stands in the list, newest first, page by page", async () => {
    const { simulator, batch } = await made(1)
    const file = read<{ readonly id: string }>(await upload(simulator, multipart(inputOf(1))))
    const ids = [batch.id]
    for (let index = 0; index < 4; index++) ids.unshift(read<BatchObject>(await create(simulator, file.id)).id)
    const page = async (query: string) =>
      read<{ readonly data: ReadonlyArray<BatchObject>; readonly has_more: boolean; readonly last_id: string }>(
        await get(simulator, `/v1/batches?${query}`)
      )
    const first = await page("limit=3")
    expect(first.data.map(({ id }) => id)).toEqual(ids.slice(0, 3))
    expect(first).toMatchObject({ has_more: true, last_id: ids[2] })
    const second = await page(`limit=3&after=${first.last_id}`)
    expect(second.data.map(({ id }) => id)).toEqual(ids.slice(3))
    expect(second.has_more).toBe(false)
    expect((await get(simulator, "/v1/batches?limit=0")).status).toBe(400)
    expect((await get(simulator, "/v1/batches?after=batch_none")).status).toBe(400)
  })

  it("takes a line without credits as a line that failed", async () => {
    const { clock, simulator, results } = await made(3, [], { credits: 0n })
    clock.advance(20_000)
    const { output, error } = await results()
    expect(output).toEqual([])
    expect(error.map(({ response }) => response?.status_code)).toEqual([429, 429, 429])
    expect(simulator.account.spent).toBe(0n)
  })
})

describe("a batch that goes wrong", () => {
  it.each<[string, BatchFault, Partial<BatchObject>, number]>([
    ["whose window ends", { _tag: "Expired", completed: 7 }, { status: "expired" }, 7],
    ["whose file is not valid", { _tag: "ValidationFailed" }, { status: "failed", output_file_id: null }, 0],
    ["with a line refused", { _tag: "LineRejected", line: 3 }, { status: "completed" }, 9],
    ["with all lines refused", { _tag: "AllRejected" }, { status: "completed", output_file_id: null }, 0],
    ["with a line lost", { _tag: "LineMissing", line: 3 }, { status: "completed", error_file_id: null }, 10],
    ["with a line twice", { _tag: "LineDuplicated", line: 3 }, { status: "completed" }, 10],
    ["with blank lines", { _tag: "BlankLines" }, { status: "completed" }, 10]
  ])("%s charges exactly what ran", async (_, fault, expected, charges) => {
    const { clock, simulator, status } = await made(10, [fault])
    clock.advance(30_000)
    expect(await status()).toMatchObject(expected)
    expect(simulator.account).toMatchObject({ charges, reserved: 0n })
  })

  it("shows the fault in its files", async () => {
    const faults: ReadonlyArray<BatchFault> = [
      { _tag: "LineRejected", line: 0 },
      { _tag: "LineMissing", line: 1 },
      { _tag: "LineDuplicated", line: 2 },
      { _tag: "Expired", completed: 4 }
    ]
    const { clock, results } = await made(6, faults)
    clock.advance(30_000)
    const { output, error } = await results()
    expect(idsOf(output).toSorted()).toEqual(["line-2", "line-2", "line-3"])
    expect(error.toSorted((a, b) => a.custom_id.localeCompare(b.custom_id))).toMatchObject([
      { custom_id: "line-0", response: { status_code: 400 }, error: null },
      { custom_id: "line-4", response: null, error: { code: "batch_expired" } },
      { custom_id: "line-5", response: null, error: { code: "batch_expired" } }
    ])
  })

  it("runs though its creation was never answered, and shows in the list after a while", async () => {
    const clock = manualClock()
    const simulator = await start({
      clock,
      batchPace: pace,
      batchFaults: { 0: [{ _tag: "CreateLost", visibleAfterMs: 5000 }] }
    })
    const file = read<{ readonly id: string }>(await upload(simulator, multipart(inputOf(2))))
    await expect(create(simulator, file.id)).rejects.toMatchObject({ code: "ECONNRESET" })
    const listed = async () =>
      read<{ readonly data: ReadonlyArray<BatchObject> }>(await get(simulator, "/v1/batches")).data.length
    expect([simulator.batches, await listed()]).toEqual([1, 0])
    clock.advance(5000)
    expect(await listed()).toBe(1)
    clock.advance(20_000)
    expect(simulator.account.charges).toBe(2)
  })

  it("is not made when the connection breaks before, and the next try makes it", async () => {
    const simulator = await start({ batchFaults: { 0: { _tag: "CreateReset" } } })
    const file = read<{ readonly id: string }>(await upload(simulator, multipart(inputOf(1))))
    await expect(create(simulator, file.id)).rejects.toMatchObject({ code: "ECONNRESET" })
    expect(simulator.batches).toBe(0)
    expect((await create(simulator, file.id)).status).toBe(200)
  })

  it.each([
    ["no JSON", "{", "invalid_json_line", 1],
    ["an id used twice", `${line("a")}\n${line("a")}`, "duplicate_custom_id", 2],
    ["two models", `${line("a")}\n${line("b", { model: "o3" })}`, "mismatched_model", null],
    ["another endpoint", line("a").replace("/v1/chat/completions", "/v1/responses"), "invalid_url", 1],
    ["nothing", "\n", "empty_file", null]
  ])("fails when the file has %s", async (_, text, code, number) => {
    const clock = manualClock()
    const simulator = await start({ clock })
    const file = read<{ readonly id: string }>(await upload(simulator, multipart(text)))
    const { id } = read<BatchObject>(await create(simulator, file.id))
    clock.advance(1000)
    const { status, errors } = read<BatchObject>(await get(simulator, `/v1/batches/${id}`))
    expect(status).toBe("failed")
    expect(errors?.data[0]).toMatchObject({ code, line: number })
  })
})

describe("the routes of files and batches", () => {
  it("want a bearer, a purpose, a .jsonl file, a known file and an endpoint", async () => {
    const simulator = await start()
    expect((await ask(simulator, { path: "/v1/batches", body: {} })).status).toBe(401)
    expect((await upload(simulator, multipart("x", { purpose: "fine-tune" }))).status).toBe(400)
    expect((await upload(simulator, multipart("x", { filename: "input.txt" }))).status).toBe(400)
    expect((await upload(simulator, multipart("x").replace("--edge--", ""))).status).toBe(400)
    expect((await create(simulator, "file-none")).status).toBe(400)
    const file = read<{ readonly id: string; readonly bytes: number }>(await upload(simulator, multipart("äöü")))
    expect(file.bytes).toBe(6)
    expect((await get(simulator, `/v1/files/${file.id}/content`)).text).toBe("äöü")
    const many = Object.fromEntries(Array.from({ length: 17 }, (_, index) => [`k${index}`, "v"]))
    expect((await create(simulator, file.id, many)).status).toBe(400)
    expect((await get(simulator, "/v1/batches/batch_none")).status).toBe(404)
    expect((await get(simulator, "/v1/files/file-none/content")).status).toBe(404)
  })

  it("take their faults over the control plane", async () => {
    const simulator = await start()
    const put = (body: object) => ask(simulator, { path: "/simulator/batch-faults", body })
    expect((await put({ 0: [{ _tag: "Expired", completed: 1 }, { _tag: "BlankLines" }] })).text).toBe('{"batches":0}')
    expect(simulator.batchFaults.get(0)).toHaveLength(2)
    expect((await put({ 0: { _tag: "Expired" } })).text).toContain("no valid 'completed'")
    expect((await put({ 0: { _tag: "toString" } })).text).toContain("no known '_tag'")
  })
})
