import { existsSync, readFileSync } from "node:fs"
import { describe, expect, it } from "vitest"
import {
  benjaminiHochberg,
  clopperPearsonInterval,
  clusteredMean,
  cohenKappa,
  holm,
  type Interval,
  jeffreysInterval,
  mcnemarExact,
  mcnemarMidP,
  newcombePairedInterval,
  passAtK,
  passHatK,
  tangoInterval,
  wilsonInterval
} from "../src/index.ts"

// The corpus lies beside the repository, is shared with other projects, and is never copied into it.
const corpora = new URL("../../../../shared/corpora/", import.meta.url)
const referenceValues = new URL("statistics/reference-values.json", corpora)

interface Fixture {
  readonly id: string
  readonly fn: string
  readonly input: unknown
  readonly expected: unknown
  readonly tol: number
}

/** What we computed and what the fixture says, number by number. */
type Pairs = ReadonlyArray<readonly [actual: number | undefined, expected: number]>

/** The shapes of input and expectation go with the name of the function; the corpus promises them. */
const comparing =
  <Input, Expected>(compare: (input: Input, expected: Expected) => Pairs) =>
  (fixture: Fixture): Pairs =>
    compare(fixture.input as Input, fixture.expected as Expected)

type Ends = readonly [number, number]
type Counted = readonly [n: number, successes: number]

const ends = (interval: Interval, [lower, upper]: Ends): Pairs => [
  [interval.lower, lower],
  [interval.upper, upper]
]

const proportion = (method: typeof wilsonInterval) =>
  comparing(({ x, n, conf }: { x: number; n: number; conf: number }, expected: Ends) =>
    ends(method({ successes: x, n, confidence: conf }), expected)
  )

const discordant = (method: typeof mcnemarExact) =>
  comparing(({ b, c }: { b: number; c: number }, expected: number) => [
    [method({ onlyFirst: b, onlySecond: c }), expected]
  ])

const adjusted = (method: typeof holm) =>
  comparing(({ p }: { p: ReadonlyArray<number> }, expected: ReadonlyArray<number>) => {
    const actual = method(p)
    return expected.map((value, index) => [actual[index], value])
  })

const draw = (method: typeof passAtK) =>
  comparing(({ n, c, k }: { n: number; c: number; k: number }, expected: number) => [
    [method({ successes: c, n, k }), expected]
  ])

const meanDraw = (method: typeof passAtK) =>
  comparing(({ counts, k }: { counts: ReadonlyArray<Counted>; k: number }, expected: number) => {
    const sum = counts.reduce((total, [n, successes]) => total + method({ successes, n, k }), 0)
    return [[sum / counts.length, expected]]
  })

const jsonLines = <Row>(path: string): ReadonlyArray<Row> =>
  readFileSync(new URL(path, corpora), "utf8")
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line))

const plainMean = comparing(
  ({ x }: { x: ReadonlyArray<number> }, { mean, se }: { readonly mean: number; readonly se: number }) => {
    const result = clusteredMean({ observations: x.map((value, cluster) => ({ value, cluster })) })
    return [
      [result?.estimate, mean],
      [result?.standardError, se]
    ]
  }
)

type Clustered =
  | { readonly x: ReadonlyArray<number>; readonly cluster: ReadonlyArray<number> }
  | { readonly corpus: string; readonly value: string; readonly cluster: string }

/** The corpus leaves out the factor G/(G-1), so we take it away again. */
const clustered = comparing((input: Clustered, { mean, se }: { readonly mean: number; readonly se: number }) => {
  const observations =
    "corpus" in input
      ? jsonLines<Record<string, unknown>>(input.corpus).map((row) => ({
          value: Number(row[input.value]),
          cluster: Number(row[input.cluster])
        }))
      : input.x.map((value, index) => ({ value, cluster: input.cluster[index] ?? Number.NaN }))
  const result = clusteredMean({ observations })
  if (result === undefined) return [[undefined, mean]]
  return [
    [result.estimate, mean],
    [result.standardError * Math.sqrt(result.degreesOfFreedom / result.clusters), se]
  ]
})

/** As ratios, because p-values of 1e-45 would pass any absolute tolerance. */
const pairedPValues = comparing(
  (
    { n10, n01 }: { n10: number; n01: number },
    expected: { readonly mcnemarExact: number; readonly mcnemarMidp: number }
  ) => {
    const counts = { onlyFirst: n10, onlySecond: n01 }
    return [
      [mcnemarExact(counts) / expected.mcnemarExact, 1],
      [mcnemarMidP(counts) / expected.mcnemarMidp, 1]
    ]
  }
)

const kappaTable = comparing(
  (
    { table }: { table: ReadonlyArray<ReadonlyArray<number>> },
    expected: { readonly kappa: number; readonly ase?: number; readonly lower?: number; readonly upper?: number }
  ) => {
    const result = cohenKappa({ table })
    const pairs: Array<readonly [number | undefined, number]> = [[result?.kappa, expected.kappa]]
    if (expected.ase !== undefined) pairs.push([result?.standardError, expected.ase])
    if (expected.lower !== undefined) pairs.push([result?.lower, expected.lower])
    if (expected.upper !== undefined) pairs.push([result?.upper, expected.upper])
    return pairs
  }
)

type Verdict = "human" | "verdict_ab" | "verdict_ba"

interface JudgeInput {
  readonly corpus: string
  readonly judge: string
  readonly mode: string
  readonly subset: string
}

/** Verdicts are "1", "2" or null where the judge gave none; `human` is 1 or 2. */
interface Judgement extends Omit<JudgeInput, "corpus"> {
  readonly human: number
  readonly verdict_ab: string | null
  readonly verdict_ba: string | null
}

let judgements: ReadonlyArray<Judgement> | undefined

const kappaOfJudge = comparing(
  (
    { corpus, judge, mode, subset }: JudgeInput,
    expected: { readonly kappaHumanAB: number; readonly kappaSelfSwap: number }
  ) => {
    judgements ??= jsonLines<Judgement>(corpus)
    const rows = judgements.filter((row) => row.judge === judge && row.mode === mode && row.subset === subset)
    const kappa = (first: Verdict, second: Verdict): number | undefined => {
      const count = (one: number, other: number) =>
        rows.filter((row) => Number(row[first] ?? 0) === one && Number(row[second] ?? 0) === other).length
      const table = [
        [count(1, 1), count(1, 2)],
        [count(2, 1), count(2, 2)]
      ]
      return cohenKappa({ table })?.kappa
    }
    return [
      [kappa("human", "verdict_ab"), expected.kappaHumanAB],
      [kappa("verdict_ab", "verdict_ba"), expected.kappaSelfSwap]
    ]
  }
)

const comparisons = new Map<string, (fixture: Fixture) => Pairs>([
  ["ci.wilson", proportion(wilsonInterval)],
  ["ci.clopperPearson", proportion(clopperPearsonInterval)],
  ["ci.jeffreys", proportion(jeffreysInterval)],
  ["mcnemar.exact", discordant(mcnemarExact)],
  ["mcnemar.midp", discordant(mcnemarMidP)],
  ["padjust.holm", adjusted(holm)],
  ["padjust.bh", adjusted(benjaminiHochberg)],
  ["passAtK", draw(passAtK)],
  ["passHatK", draw(passHatK)],
  ["passAtK.mean", meanDraw(passAtK)],
  ["passHatK.mean", meanDraw(passHatK)],
  ["se.clt", plainMean],
  ["se.clustered", clustered],
  ["paired.binary", pairedPValues],
  [
    "ci.newcombePaired",
    comparing(
      (
        { n11, n10, n01, n00, conf }: { n11: number; n10: number; n01: number; n00: number; conf: number },
        expected: Ends
      ) =>
        ends(
          newcombePairedInterval({ both: n11, onlyFirst: n10, onlySecond: n01, neither: n00, confidence: conf }),
          expected
        )
    )
  ],
  [
    "ci.tangoPaired",
    comparing(({ b, c, n, conf }: { b: number; c: number; n: number; conf: number }, expected: Ends) =>
      ends(tangoInterval({ onlyFirst: b, onlySecond: c, n, confidence: conf }), expected)
    )
  ],
  ["kappa.cohen", kappaTable],
  ["kappa.judge", kappaOfJudge]
])

const fixtures: ReadonlyArray<Fixture> = existsSync(referenceValues)
  ? JSON.parse(readFileSync(referenceValues, "utf8")).fixtures
  : []
const names = [...new Set(fixtures.map(({ fn }) => fn))]
const missing = names.filter((name) => !comparisons.has(name))
const checked = fixtures.filter(({ fn }) => comparisons.has(fn)).length

describe.skipIf(fixtures.length === 0)("the shared reference values (skipped where the corpus is absent)", () => {
  for (const [name, compare] of comparisons) {
    const own = fixtures.filter(({ fn }) => fn === name)
    it(`agree with all ${own.length} fixtures of ${name}`, () => {
      const wrong = own.flatMap((fixture) =>
        compare(fixture)
          // Written so that a missing number or NaN counts as wrong.
          .filter(([actual, expected]) => !(Math.abs((actual ?? Number.NaN) - expected) <= fixture.tol))
          .map(([actual, expected]) => ({ id: fixture.id, actual, expected }))
      )
      expect(wrong).toEqual([])
      expect(own.length).toBeGreaterThan(0)
    })
  }

  it(`check ${checked} of ${fixtures.length} fixtures; not covered yet: ${missing.join(", ")}`, () => {
    const left = fixtures.filter(({ fn }) => missing.includes(fn)).length
    expect(checked + left).toBe(fixtures.length)
    expect(checked).toBeGreaterThanOrEqual(200)
  })
})
