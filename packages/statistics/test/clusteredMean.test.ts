import { expect, it } from "vitest"
import { clusteredMean, normalQuantile } from "../src/index.ts"
import { seededGenerator } from "./generator.ts"

const alone = (values: ReadonlyArray<number>) => values.map((value, cluster) => ({ value, cluster }))

it("is the textbook t interval where every sample is its own cluster", () => {
  // Student 1908, extra hours of sleep of ten patients; R's t.test(sleep) prints 0.7001142 to 2.4598858 with 9 degrees.
  const result = clusteredMean({ observations: alone([1.2, 2.4, 1.3, 1.3, 0, 1, 1.8, 0.8, 4.6, 1.4]) })
  expect(result).toMatchObject({ degreesOfFreedom: 9, clusters: 10 })
  expect(result?.estimate).toBeCloseTo(1.58, 12)
  expect(result?.lower).toBeCloseTo(0.7001142, 7)
  expect(result?.upper).toBeCloseTo(2.4598858, 7)
})

it("has the cluster-robust standard error with the factor G/(G-1)", () => {
  // By hand: cluster sums of deviations 0, -1, 1, 0 about the mean 2/3, so sqrt(4/3 * 2) / 12.
  const passes = [1, 1, 0, 1, 0, 0, 1, 1, 1, 0, 1, 1]
  const observations = passes.map((value, index) => ({ value, cluster: `document ${Math.floor(index / 3)}` }))
  const result = clusteredMean({ observations })
  expect(result?.estimate).toBeCloseTo(2 / 3, 15)
  expect(result?.standardError).toBeCloseTo(Math.sqrt(8 / 3) / 12, 14)
  expect(result?.degreesOfFreedom).toBe(3)
})

it("does not gain certainty from copies within a cluster", () => {
  const once = clusteredMean({ observations: alone([0.1, 0.9, 0.4, 0.7]) })
  const copied = clusteredMean({ observations: [...alone([0.1, 0.9, 0.4, 0.7]), ...alone([0.1, 0.9, 0.4, 0.7])] })
  expect(copied?.standardError).toBeCloseTo(once?.standardError ?? Number.NaN, 14)
  expect(copied?.upper).toBeCloseTo(once?.upper ?? Number.NaN, 14)
})

it("covers the truth at its level with correlated samples, where the plain error does not", () => {
  const next = seededGenerator(1986)
  const bell = () => normalQuantile((Math.floor(next() * 1e6) + 0.5) / 1e6)
  let clustered = 0
  let plain = 0
  const rounds = 2000
  for (let round = 0; round < rounds; round += 1) {
    const observations = Array.from({ length: 20 }, (_, cluster) => {
      const shared = bell()
      return Array.from({ length: 5 }, () => ({ value: shared + bell(), cluster }))
    }).flat()
    const covers = (result: ReturnType<typeof clusteredMean>) =>
      result !== undefined && result.lower <= 0 && result.upper >= 0
    if (covers(clusteredMean({ observations }))) clustered += 1
    if (covers(clusteredMean({ observations: alone(observations.map(({ value }) => value)) }))) plain += 1
  }
  // The standard error of a simulated coverage near 0.95 is 0.005.
  expect(clustered / rounds).toBeGreaterThan(0.93)
  expect(clustered / rounds).toBeLessThan(0.97)
  expect(plain / rounds).toBeLessThan(0.85)
})

it("knows no spread from one cluster, no mean from nothing, and refuses nonsense", () => {
  const one = clusteredMean({ observations: [{ value: 0.5, cluster: "a" }] })
  expect(one).toEqual({
    estimate: 0.5,
    standardError: Number.POSITIVE_INFINITY,
    degreesOfFreedom: 0,
    clusters: 1,
    lower: Number.NEGATIVE_INFINITY,
    upper: Number.POSITIVE_INFINITY
  })
  expect(clusteredMean({ observations: [] })).toBeUndefined()
  expect(() => clusteredMean({ observations: alone([1, Number.NaN]) })).toThrow(RangeError)
  expect(() => clusteredMean({ observations: alone([1, Number.POSITIVE_INFINITY]) })).toThrow(RangeError)
  expect(() => clusteredMean({ observations: [], confidence: 1 })).toThrow(RangeError)
})
