import { describe, expect, it } from "vitest"
import type { Fault, SimulatorOptions } from "../src/index.ts"
import { type Answered, ask, type Completion, hello, manualClock, pico, start } from "./support.ts"

interface Submitted {
  readonly request_id: string
  readonly status: string
  readonly poll_url: string
  readonly status_url: string
  readonly response_url: string
}

interface Polled {
  readonly status: string
  readonly error?: string
  readonly output?: unknown
  readonly metrics?: { readonly cost: number; readonly remaining_credits: number }
}

const read = <A>(answered: Answered): A => JSON.parse(answered.text) as A

const startSlow = async (options: SimulatorOptions = {}) => {
  const clock = manualClock()
  const simulator = await start({ clock, latency: { medianMs: 1000, spread: 0 }, ...options })
  const submit = () => ask(simulator, { path: "/v2/o3-mini" })
  const get = (path: string) => ask(simulator, { method: "GET", path, body: "" })
  return { clock, simulator, submit, get }
}

describe("a job on /v2", () => {
  it("is accepted at once, runs by the clock, is charged at its end and told at all three addresses", async () => {
    const { clock, simulator, submit, get } = await startSlow()
    const submitted = read<Submitted>(await submit())
    expect(submitted).toEqual({
      request_id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      status: "QUEUED",
      poll_url: `/v1/requests/${submitted.request_id}`,
      status_url: `/v2/requests/${submitted.request_id}/status`,
      response_url: `/v2/requests/${submitted.request_id}`
    })
    expect(read<Polled>(await get(submitted.status_url)).status).toBe("QUEUED")
    expect(read<Polled>(await get(submitted.status_url)).status).toBe("PROCESSING")
    expect(simulator.account.charges).toBe(0)
    clock.advance(4000)
    expect(simulator.account.charges).toBe(1)
    const status = read<Polled>(await get(submitted.status_url))
    expect(status).toMatchObject({ status: "COMPLETED" })
    expect(status).not.toHaveProperty("output")
    const result = await get(submitted.response_url)
    expect(read<Polled>(result)).toMatchObject({ status: "COMPLETED", output: expect.any(String) })
    expect((await get(submitted.poll_url)).text).toBe(result.text)
    expect(/"cost":([0-9.]+)/.exec(result.text)?.[1]).toBeDefined()
    expect(pico(/"cost":([0-9.]+)/.exec(result.text)?.[1] ?? "")).toBe(simulator.account.spent)
    expect(pico(/"remaining_credits":([0-9.]+)/.exec(result.text)?.[1] ?? "")).toBe(simulator.account.balance)
    // Reading again is free.
    expect(simulator.account.charges).toBe(1)
  })

  it.each([
    ["string", (output: unknown) => JSON.parse(String(output)) as Completion],
    ["object", (output: unknown) => output as Completion]
  ] as const)("tells the vendor's reply as a %s", async (jobOutput, decode) => {
    const { clock, submit, get } = await startSlow({ jobOutput })
    const { response_url } = read<Submitted>(await submit())
    clock.advance(4000)
    const { output } = read<Polled>(await get(response_url))
    expect(typeof output).toBe(jobOutput)
    expect(decode(output).choices[0]?.message.content).toContain("simulated reply")
  })

  it("that failed is served under 422 and costs nothing", async () => {
    const { clock, simulator, submit, get } = await startSlow({ faults: { 0: { _tag: "JobFailed", message: "No." } } })
    const { status_url, response_url } = read<Submitted>(await submit())
    clock.advance(4000)
    for (const path of [status_url, response_url]) {
      const answered = await get(path)
      expect(answered.status).toBe(422)
      expect(read<Polled>(answered)).toMatchObject({ status: "FAILED", error: "No.", metrics: { cost: 0 } })
    }
    expect(simulator.account).toMatchObject({ charges: 0, reserved: 0n })
  })

  it("is forgotten an hour after its submit, by the clock", async () => {
    const { clock, submit, get } = await startSlow()
    const { request_id, response_url } = read<Submitted>(await submit())
    clock.advance(3_599_999)
    expect((await get(response_url)).status).toBe(200)
    clock.advance(1)
    const gone = await get(response_url)
    expect(gone).toMatchObject({ status: 404, text: JSON.stringify({ error: `Request ${request_id} not found` }) })
  })

  it.each<Fault>([{ _tag: "SubmitLost" }, { _tag: "Reset", charged: true }, { _tag: "LateCharge", ms: 500 }])(
    "whose submit got no answer (%j) runs all the same, and is charged",
    async (fault) => {
      const { clock, simulator, submit } = await startSlow({ faults: { 0: fault } })
      await expect(submit()).rejects.toMatchObject({ code: "ECONNRESET" })
      clock.advance(5000)
      expect(simulator.account.charges).toBe(1)
    }
  )

  it("is refused by the same checks as a call on /v1, and needs the key to be read", async () => {
    const { simulator, get } = await startSlow()
    expect((await ask(simulator, { path: "/v2/o9" })).status).toBe(404)
    expect((await ask(simulator, { path: "/v2/o3-mini", body: { ...hello, temperature: 0 } })).status).toBe(400)
    expect((await ask(simulator, { path: "/v2/o3-mini", method: "GET", body: "" })).status).toBe(405)
    const answered = await ask(simulator, {
      method: "GET",
      path: "/v2/requests/00000000-0000-0000-0000-000000000000",
      headers: { "x-api-key": null },
      body: ""
    })
    expect(answered.status).toBe(401)
    expect((await get("/v2/requests/00000000-0000-0000-0000-000000000000/status")).status).toBe(404)
  })
})
