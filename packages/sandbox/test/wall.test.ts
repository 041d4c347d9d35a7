import { spawnSync } from "node:child_process"
import { realpathSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { describe, expect, it } from "vitest"
import { hostFlags, startHost } from "../src/internal/hostProcess.ts"
import { type HostJob, parseReady, parseReply } from "../src/internal/protocol.ts"

const sourceOf = (relative: string): string => realpathSync(fileURLToPath(new URL(relative, import.meta.url)))

/** Runs a line of Node inside the flags of a host, as if a program had got out of WebAssembly. */
const insideWall = (code: string) => {
  const result = spawnSync(process.execPath, [...hostFlags(), "--input-type=module", "--eval", code], {
    env: {},
    encoding: "utf8"
  })
  return `${result.stdout}${result.stderr}`
}

describe("the wall around a host", () => {
  it("lets through the host's own files", () => {
    const own = JSON.stringify(sourceOf("../src/host.ts"))
    expect(
      insideWall(`import { readFileSync } from "node:fs"; console.log(readFileSync(${own}, "utf8").length > 0)`)
    ).toBe("true\n")
  })

  it.each([
    ["reading another file of this room", `fs.readFileSync(${JSON.stringify(sourceOf("../README.md"))})`],
    ["reading the folder above", `fs.readdirSync(${JSON.stringify(sourceOf("../.."))})`],
    ["writing", `fs.writeFileSync(${JSON.stringify(sourceOf("../src/host.ts"))}, "")`],
    ["starting a process", `child.execFileSync(process.execPath, ["--version"])`],
    ["starting a worker", `new worker.Worker("0", { eval: true })`],
    ["loading native code", `process.dlopen({ exports: {} }, "/nowhere.node")`]
  ])("refuses %s", (_, attempt) => {
    const imports = `import fs from "node:fs"; import child from "node:child_process"; import worker from "node:worker_threads";`
    expect(insideWall(`${imports} ${attempt}`)).toMatch(/ERR_ACCESS_DENIED|ERR_DLOPEN_DISABLED/)
  })

  it("hands over no environment", () => {
    expect(insideWall("console.log(Object.keys(process.env).filter((name) => !name.startsWith('__CF')))")).toBe("[]\n")
  })

  it("is tried by the host itself, and a host without it is refused", async () => {
    const withoutPermission = hostFlags().filter((flag) => !/permission|allow/.test(flag))
    await expect(startHost(withoutPermission)).rejects.toThrow("started without --permission")
    await expect(startHost([...hostFlags(), "--allow-fs-read=*"])).rejects.toThrow("outside the list could be read")
    await expect(startHost([...hostFlags(), "--allow-child-process"])).rejects.toThrow("permission child is granted")
  })
})

describe("a host's messages", () => {
  const job: HostJob = {
    nonce: "right",
    language: "javascript",
    source: "",
    calls: { entry: "add", argumentTexts: ["[]"] },
    limits: { wallMs: 10, memoryBytes: 1, outputBytes: 256 }
  }
  const reply = { nonce: "right", durationMs: 1, printed: "", ending: { _tag: "Finished", endings: [{ value: "3" }] } }

  it("are taken when they answer the job", () => {
    expect(parseReply(JSON.stringify(reply), job)).toEqual(reply)
    expect(parseReady('{"walled":true,"detail":""}')).toEqual({ walled: true, detail: "" })
  })

  it.each([
    ["another nonce", { ...reply, nonce: "wrong" }],
    ["no verdict", { ...reply, ending: undefined }],
    ["an unknown verdict", { ...reply, ending: { _tag: "Passed" } }],
    [
      "a verdict on more cases than were asked",
      { ...reply, ending: { _tag: "Finished", endings: [{ value: "3" }, { value: "3" }] } }
    ],
    ["a case that is neither value nor error", { ...reply, ending: { _tag: "Finished", endings: [{}] } }],
    ["more text than the limit allows", { ...reply, printed: "x".repeat(10_000) }]
  ])("are refused with %s", (_, message) => {
    expect(parseReply(JSON.stringify(message), job)).toBeUndefined()
  })

  it("are refused when they are not text or not JSON", () => {
    expect(parseReply(reply, job)).toBeUndefined()
    expect(parseReply("{", job)).toBeUndefined()
    expect(parseReady("null")).toBeUndefined()
  })
})

describe("an idle sandbox", () => {
  it("does not keep the process alive", () => {
    const index = JSON.stringify(new URL("../src/index.ts", import.meta.url).href)
    const code = `
      import { createSandbox } from ${index}
      const sandbox = createSandbox({ workers: 2 })
      console.log((await sandbox.runProgram({ language: "javascript", source: "6 * 7" })).result)`
    const flags = ["--input-type=module", "--eval", code]
    expect(spawnSync(process.execPath, flags, { encoding: "utf8", timeout: 20_000 })).toMatchObject({
      status: 0,
      stdout: "42\n"
    })
  })
})
