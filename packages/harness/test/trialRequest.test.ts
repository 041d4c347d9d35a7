import { describe, expect, it } from "vitest"
import { makePlan, type PlannedTrial, renderTrial, trialRequest } from "../src/index.ts"
import { tinySuite } from "../src/testing.ts"

const suite = tinySuite({
  prompts: { plain: "{{question}}", polite: "Please: {{question}}" },
  settings: [{ model: "o3-mini", reasoningEffort: "low", maxCompletionTokens: 77, json: true }],
  trials: 2
})
const trials = Array.from(makePlan([suite], { seed: 1 }).trials())
const request = (trial: PlannedTrial, simulatorSeed?: number) =>
  trialRequest(trial, renderTrial(trial), { provider: "simulator", simulatorSeed })
const seedsOf = (runSeed: number) =>
  new Map(
    trials.map((trial) => [
      `${trial.sample.id} ${trial.trialIndex} ${trial.variant.name}`,
      request(trial, runSeed).seed
    ])
  )

describe("trialRequest", () => {
  it("passes the settings, the filled prompt and the trial's index", () => {
    const trial = trials.find(({ variant, sample, trialIndex }) => {
      return variant.name === "polite" && sample.id === "sample-2" && trialIndex === 1
    })
    expect(trial && request(trial)).toEqual({
      provider: "simulator",
      model: "o3-mini",
      messages: [{ role: "user", content: "Please: question 2" }],
      maxCompletionTokens: 77,
      trialIndex: 1,
      reasoningEffort: "low",
      json: true
    })
  })

  it("leaves out what the settings leave out", () => {
    const [trial] = makePlan([tinySuite()], { seed: 1 }).trials()
    expect(trial && Object.keys(request(trial)).sort()).toEqual([
      "maxCompletionTokens",
      "messages",
      "model",
      "provider",
      "trialIndex"
    ])
  })

  it("gives all variants of a sample the same luck, and each sample and repeat its own", () => {
    const seeds = seedsOf(9)
    for (const { sample, trialIndex } of trials) {
      const plain = seeds.get(`${sample.id} ${trialIndex} plain`)
      expect(plain).toBe(seeds.get(`${sample.id} ${trialIndex} polite`))
      expect(Number.isInteger(plain) && Number(plain) >= 0 && Number(plain) < 2 ** 31).toBe(true)
    }
    expect(new Set(seeds.values()).size).toBe(3 * 2)
    expect(seedsOf(9)).toEqual(seeds)
    expect(new Set([...seeds.values(), ...seedsOf(10).values()]).size).toBe(12)
  })

  it("sends no seed to anyone but the simulator", () => {
    for (const trial of trials) expect(request(trial)).not.toHaveProperty("seed")
  })
})

describe("renderTrial", () => {
  it("names equal messages by equal hashes, and others by others", () => {
    const hashes = new Map(trials.map((trial) => [`${trial.sample.id} ${trial.variant.name}`, renderTrial(trial).hash]))
    expect(new Set(hashes.values()).size).toBe(3 * 2)
    for (const trial of trials) {
      expect(renderTrial(trial).hash).toBe(hashes.get(`${trial.sample.id} ${trial.variant.name}`))
    }
  })
})
