import { type ChildProcess, spawn } from "node:child_process"
import { once } from "node:events"
import { createInterface } from "node:readline"
import { fileURLToPath } from "node:url"
import { describe, expect, it, onTestFinished } from "vitest"
import { hashMessages, type Simulator } from "../src/index.ts"
import { ask, contentOf, header, hello, pico, start } from "./support.ts"

const launch = (flags: ReadonlyArray<string>): ChildProcess => {
  const main = fileURLToPath(new URL("../src/main.ts", import.meta.url))
  const child = spawn(process.execPath, [main, ...flags], { stdio: ["pipe", "pipe", "pipe"] })
  onTestFinished(() => void child.kill("SIGKILL"))
  return child
}

const firstLine = async ({ stdout }: ChildProcess): Promise<string> => {
  if (stdout !== null) for await (const line of createInterface({ input: stdout })) return line
  throw new Error("The process said nothing.")
}

/** Enough of a simulator for `ask`, which only needs to know where it is. */
const elsewhere = (line: string) => JSON.parse(line) as Simulator

describe("a simulator in its own process", () => {
  it("says in one line where it listens, takes answers, tells its account, and stops on SIGTERM", async () => {
    const child = launch(["--credits", "0.5"])
    const simulator = elsewhere(await firstLine(child))
    const answer = { right: "Hello!", wrong: ["Hello!"], difficulty: 0, format: "text" }
    const put = await ask(simulator, {
      method: "PUT",
      path: "/simulator/answers",
      body: { [hashMessages(hello.messages)]: answer }
    })
    expect(put).toMatchObject({ status: 200, text: '{"answers":1}' })
    const answered = await ask(simulator)
    expect(contentOf(answered)).toContain("Hello!")
    const account = await ask(simulator, { method: "GET", path: "/simulator/account", body: "" })
    const spent = header(answered, "x-cost")
    expect(JSON.parse(account.text)).toEqual({
      balance: header(answered, "x-remaining-credits"),
      spent,
      reserved: "0",
      charges: 1,
      calls: 1
    })
    expect(pico(header(answered, "x-remaining-credits"))).toBe(pico("0.5") - pico(spent))
    child.kill("SIGTERM")
    expect(await once(child, "exit")).toEqual([0, null])
  })

  it("ends with its parent when told to", async () => {
    const child = launch(["--with-parent"])
    await firstLine(child)
    child.stdin?.end()
    expect(await once(child, "exit")).toEqual([0, null])
  })

  it("does not start with an amount it cannot read exactly", async () => {
    const child = launch(["--credits", "1e1"])
    child.stderr?.resume()
    expect((await once(child, "exit"))[0]).toBe(1)
  })
})

describe("the control plane", () => {
  it("takes faults by call index, with amounts as decimal credits", async () => {
    const simulator = await start()
    const body = { 0: { _tag: "Charge", amount: "0.25" }, 1: { _tag: "Retired" } }
    expect((await ask(simulator, { path: "/simulator/faults", body })).text).toBe('{"calls":0}')
    expect(header(await ask(simulator), "x-cost")).toBe("0.25")
    expect((await ask(simulator)).status).toBe(410)
  })

  it.each([
    ["/simulator/faults", { 0: { _tag: "Earthquake" } }, "no known '_tag'"],
    ["/simulator/faults", { 0: { _tag: "constructor" } }, "no known '_tag'"],
    ["/simulator/faults", { 0: { _tag: "Delay" } }, "no valid 'ms'"],
    ["/simulator/faults", { 0: { _tag: "Charge", amount: "1e3" } }, "no valid 'amount'"],
    ["/simulator/faults", { soon: { _tag: "Retired" } }, "not the index of a call"],
    ["/simulator/answers", { abc: { right: "", wrong: [], difficulty: 0, format: "text" } }, "not a hash of messages"],
    [
      "/simulator/answers",
      { ["0".repeat(32)]: { right: "", wrong: [], difficulty: 2, format: "text" } },
      "'difficulty'"
    ],
    ["/simulator/answers", [], "must be an object"]
  ])("refuses at %s the body %j", async (path, body, sentence) => {
    const simulator = await start()
    const answered = await ask(simulator, { method: path.endsWith("answers") ? "PUT" : "POST", path, body })
    expect(answered.status).toBe(400)
    expect(answered.text).toContain(sentence)
    expect(simulator.faults.size).toBe(0)
  })

  it("is for the key's owner only", async () => {
    const answered = await ask(await start(), { path: "/simulator/faults", headers: { "x-api-key": null }, body: {} })
    expect(answered.status).toBe(401)
  })
})
