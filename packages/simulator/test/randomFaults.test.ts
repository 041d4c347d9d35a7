import { describe, expect, it } from "vitest"
import { randomFaults } from "../src/index.ts"
import { ask, start } from "./support.ts"

const call = (index: number) => ({ index, slug: "o3-mini", messages: [] })
const draw = (seed: number, rates: Parameters<typeof randomFaults>[0]["rates"], count = 4000) => {
  const next = randomFaults({ seed, rates })
  return Array.from({ length: count }, (_, index) => next(call(index)))
}

describe("faults at random", () => {
  it("are the same for the same seed and others for another", () => {
    const rates = { RateLimited: 0.1, Reset: 0.1, Charge: 0.1 }
    expect(draw(1, rates)).toEqual(draw(1, rates))
    expect(draw(1, rates)).not.toEqual(draw(2, rates))
  })

  it("come as often as their rates say, and no others", () => {
    const faults = draw(7, { RateLimited: 0.2, Reset: 0.05 })
    const share = (tag: string) => faults.filter((fault) => fault?._tag === tag).length / faults.length
    expect(share("RateLimited")).toBeCloseTo(0.2, 1)
    expect(share("Reset")).toBeCloseTo(0.05, 1)
    expect(new Set(faults.map((fault) => fault?._tag))).toEqual(new Set(["RateLimited", "Reset", undefined]))
  })

  it("refuse rates that are no probabilities", () => {
    expect(() => randomFaults({ seed: 1, rates: { Reset: 0.6, Delay: 0.6 } })).toThrow("at most 1 together")
    expect(() => randomFaults({ seed: 1, rates: { Reset: -0.1 } })).toThrow("0 or more")
  })

  it("reach the calls of a simulator", async () => {
    const simulator = await start({ faults: randomFaults({ seed: 3, rates: { Retired: 0.5 } }) })
    const statuses = []
    for (let index = 0; index < 20; index++) statuses.push((await ask(simulator)).status)
    const expected = draw(3, { Retired: 0.5 }, 20).map((fault) => (fault === undefined ? 200 : 410))
    expect(statuses).toEqual(expected)
    expect(new Set(statuses)).toEqual(new Set([200, 410]))
  })
})
