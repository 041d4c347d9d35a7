import { describe, expect, it } from "vitest"
import { assay } from "./support/assay.ts"
import { ask, sumsProject } from "./support/project.ts"
import { inOrder, shown } from "./support/shown.ts"
import { startSimulator } from "./support/simulator.ts"

const always = (fault: unknown, from = 0) =>
  Object.fromEntries(Array.from({ length: 60 }, (_, index) => [from + index, fault]))

const trouble = [
  { name: "401", exit: 4, faults: always({ _tag: "Unauthorized" }, 2) },
  { name: "410", exit: 2, faults: always({ _tag: "Retired" }, 2) },
  { name: "406-credits", exit: 5, faults: always({ _tag: "NotAcceptable", reason: "credits", format: "json" }, 2) },
  { name: "406-parameter", exit: 3, faults: { 1: { _tag: "NotAcceptable", reason: "parameter", format: "json" } } },
  {
    name: "500-that-stays",
    exit: 3,
    faults: always({ _tag: "ServerError", format: "json", message: "upstream failed" }, 2)
  },
  { name: "500-once", exit: 0, faults: { 1: { _tag: "ServerError", format: "json" } } },
  { name: "429-once", exit: 0, faults: { 1: { _tag: "RateLimited", reset: "absent" } } },
  { name: "reply-that-broke-off", exit: 3, faults: { 1: { _tag: "TruncatedBody" } } },
  { name: "reply-that-is-not-json", exit: 3, faults: { 1: { _tag: "InvalidJson" } } },
  { name: "answer-cut-by-length", exit: 0, faults: { 1: { _tag: "EmptyLength" } } }
]

describe("trouble at the provider", () => {
  it.each(trouble)("has its exit code and its words: $name", async ({ name, exit, faults }) => {
    const simulator = await startSimulator()
    await simulator.faults(faults)
    const project = sumsProject()
    const args = ["run", "--provider", "simulator", "--seed", "7", "-j", "1", "-n", "4"]
    const end = await assay([...args, "--base-url", simulator.url], { cwd: project })
    await expect(inOrder(shown(args, end, project))).toMatchFileSnapshot(`snapshots/faults/${name}.txt`)
    expect(end.exit).toBe(exit)
    expect(ask(project, "SELECT count(*) AS running FROM run WHERE status = 'running'")).toEqual([{ running: 0n }])
  })

  it("that charges over a call's bound is said on standard error, and booked in full", async () => {
    const simulator = await startSimulator()
    await simulator.faults({ 1: { _tag: "Charge", amount: "0.02" } })
    const project = sumsProject()
    const args = ["run", "--provider", "simulator", "--seed", "7", "-j", "1", "-n", "4", "--json"]
    const end = await assay([...args, "--base-url", simulator.url], { cwd: project })
    expect(end.stderr).toMatch(/charged 0\.02 credits/)
    expect(end.stderr).toContain("equal to the last pico-credit")
    for (const line of end.stdout.trimEnd().split("\n")) expect(JSON.parse(line)).toHaveProperty("seq")
  })

  it("that ends the simulator itself does not hide how the run ended", async () => {
    const simulator = await startSimulator(["--latency", "60000", "--spread", "0"])
    const project = sumsProject()
    const args = ["run", "--provider", "simulator", "--seed", "7", "-j", "8", "-n", "4", "--base-url", simulator.url]
    const running = assay(args, { cwd: project })
    await simulator.accountWhen(({ calls }) => calls === 8)
    simulator.stop()
    const end = await running
    expect(end.exit).toBe(3)
    expect(end.stdout).toContain("account  does not answer any more")
    expect(end.stderr).toMatch(
      /^error\[E1401\]: run \w{8} is incomplete: 8 trials have no score\n {2}why: {2}8 calls without an end/
    )
    expect(ask(project, "SELECT count(*) AS held FROM attempt WHERE state = 'held'")).toEqual([{ held: 8n }])
  })
})
