import { describe, expect, it } from "vitest"
import { displayWidth, plainStyle, runBanner } from "../src/text.ts"
import { refunds, runRecord } from "./fixtures.ts"

const banner = (columns: number, keyMissing: boolean, changes = {}) =>
  runBanner(runRecord(refunds, changes), { columns, style: plainStyle, database: ".assay/results.db", keyMissing })

const real = {
  simulated: false,
  provider: "segmind",
  baseUrl: "https://user:sk-secret@api.example.com/v1?key=sk-secret"
}

describe("runBanner", () => {
  it.each([60, 80])(
    "says in %i columns who answers, and how to use the real model when the key is missing",
    (columns) => {
      expect(`\n${banner(columns, true).join("\n")}\n`).toMatchSnapshot()
      expect(Math.max(...banner(columns, true).map(displayWidth))).toBeLessThanOrEqual(columns)
    }
  )

  it("does not mention the key when the simulator was asked for", () => {
    expect(banner(80, false).join("\n")).not.toContain("SEGMIND_API_KEY")
  })

  it("names the real provider without what its address may hide", () => {
    const text = banner(80, false, real).join("\n")
    expect(text).toContain("answers   segmind at https://api.example.com/v1")
    expect(text).not.toMatch(/sk-secret|SIMULATED/)
  })
})
