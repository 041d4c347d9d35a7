import { describe, expect, it } from "vitest"
import { makePlan, type PlannedTrial, trialKeyOf } from "../src/index.ts"
import { tinySuite } from "../src/testing.ts"

const sample = (id: string, cluster?: string) => ({
  id,
  input: { question: id },
  target: "ok",
  ...(cluster === undefined ? {} : { cluster })
})
const twoPrompts = { plain: "{{question}}", polite: "Please: {{question}}" }
const clustered = tinySuite({
  name: "clustered",
  samples: Array.from({ length: 12 }, (_, index) => sample(`s${index}`, `c${index % 4}`)),
  prompts: twoPrompts,
  trials: 2
})
const other = tinySuite({ name: "other", samples: 7, prompts: twoPrompts, trials: 3 })

const keys = (trials: Iterable<PlannedTrial>) =>
  Array.from(trials, ({ suite, variant, sample, trialIndex }) =>
    trialKeyOf({ suite: suite.name, variant: variant.name, sampleId: sample.id, trialIndex })
  )

describe("makePlan", () => {
  it.each([0, 1, 7, 2 ** 31 - 1])("holds every trial exactly once under seed %i", (seed) => {
    const plan = makePlan([clustered, other], { seed })
    const planned = keys(plan.trials())
    const expected = [clustered, other].flatMap((suite) =>
      suite.samples.flatMap((one) =>
        suite.variants.flatMap((variant) =>
          Array.from({ length: suite.trials }, (_, trialIndex) =>
            trialKeyOf({ suite: suite.name, variant: variant.name, sampleId: one.id, trialIndex })
          )
        )
      )
    )
    expect(plan.size).toBe(12 * 2 * 2 + 7 * 2 * 3)
    expect(planned.toSorted()).toEqual(expected.toSorted())
  })

  it("gives the same order for the same seed, each time it is asked, and another order for another seed", () => {
    const plan = makePlan([clustered, other], { seed: 3 })
    const order = keys(plan.trials())
    expect(keys(plan.trials())).toEqual(order)
    expect(keys(makePlan([clustered, other], { seed: 3 }).trials())).toEqual(order)
    expect(keys(makePlan([clustered, other], { seed: 4 }).trials())).not.toEqual(order)
  })

  it("keeps the trials of a cluster together, so that any prefix of clusters has complete pairs", () => {
    const clusters = Array.from(makePlan([clustered, other], { seed: 11 }).trials(), ({ suite, sample: one }) =>
      JSON.stringify([suite.name, one.cluster])
    )
    const changes = clusters.filter((cluster, index) => cluster !== clusters[index - 1])
    expect(changes).toHaveLength(4 + 7)
    expect(new Set(changes).size).toBe(changes.length)
    expect(clusters.filter((cluster) => cluster === changes[0]).length % 2).toBe(0)
  })

  it("mixes the suites, and the variants inside a cluster", () => {
    const trials = Array.from(makePlan([clustered, other], { seed: 5 }).trials())
    const suites = trials.map(({ suite }) => suite.name)
    expect(suites.lastIndexOf("clustered")).toBeGreaterThan(suites.indexOf("other"))
    expect(suites.lastIndexOf("other")).toBeGreaterThan(suites.indexOf("clustered"))
    const firstOfEach = trials.filter(({ sample: one }, index) => one.cluster !== trials[index - 1]?.sample.cluster)
    expect(new Set(firstOfEach.map(({ variant }) => variant.name)).size).toBe(2)
  })

  it("takes the first samples of each suite up to the limit, and never less than none", () => {
    const limited = makePlan([clustered, other], { seed: 1, limit: 2 })
    expect(new Set(Array.from(limited.trials(), ({ sample: one }) => one.id))).toEqual(
      new Set(["s0", "s1", "sample-1", "sample-2"])
    )
    expect(limited.size).toBe(2 * 2 * 2 + 2 * 2 * 3)
    expect(makePlan([other], { seed: 1, limit: 100 }).size).toBe(makePlan([other], { seed: 1 }).size)
    expect(makePlan([other], { seed: 1, limit: -2 }).size).toBe(0)
  })

  it("makes the first of 100,000 trials without making the rest", () => {
    const suite = tinySuite({ samples: 100, prompts: twoPrompts, trials: 500 })
    let made = 0
    const [first] = suite.variants
    const counted = {
      ...suite,
      // Each block reads the variants once for each of its samples.
      get variants() {
        made += 1
        return first === undefined ? [] : [first, { ...first, name: "second" }]
      }
    }
    const plan = makePlan([counted], { seed: 1 })
    made = 0
    const trials = plan.trials()
    expect(plan.size).toBe(100_000)
    expect(trials.next().done).toBe(false)
    expect(made).toBe(1)
    expect(Array.from(trials)).toHaveLength(99_999)
    expect(made).toBe(100)
  })
})
