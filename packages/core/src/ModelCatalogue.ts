/** What is known of a model before it is called. Prices are list prices in pico-credits (1e-12 US dollars) per token. */
export interface ModelInfo {
  readonly slug: string
  readonly contextTokens: number
  readonly outputLimitTokens: number
  readonly reasoningEffort: boolean
  /** Whether it reads text alone. Messages here are text anyway; a person who wants to send more has to know. */
  readonly textOnly?: boolean
  readonly inputPrice: bigint
  readonly cachedInputPrice: bigint
  readonly outputPrice: bigint
  /** The day OpenAI is reported to have retired it, or to retire it; a gateway may differ. */
  readonly reportedRetirement?: string
}

/** US dollars per million tokens, in hundredths of a cent: 1 dollar per million is 1,000,000 pico-credits a token. */
const perMillion = (dollars: number): bigint => BigInt(Math.round(dollars * 10_000)) * 100n

const model = (
  slug: string,
  limits: readonly [contextTokens: number, outputLimitTokens: number],
  dollars: readonly [input: number, cachedInput: number, output: number],
  traits: { readonly reasoningEffort?: boolean; readonly textOnly?: boolean; readonly reportedRetirement?: string }
): ModelInfo => ({
  slug,
  contextTokens: limits[0],
  outputLimitTokens: limits[1],
  reasoningEffort: false,
  textOnly: false,
  inputPrice: perMillion(dollars[0]),
  cachedInputPrice: perMillion(dollars[1]),
  outputPrice: perMillion(dollars[2]),
  ...traits
})

const reasoning = { reasoningEffort: true }

/**
 * Models of OpenAI that gateways pass on, with its list prices and limits as published by 2026-11. They are not confirmed
 * against a live account, nor is it that a gateway has every one of them: a probe, or the `x-cost` of a reply, tells more.
 * Any other model works by its slug, with declared limits.
 */
export const modelCatalogue: ReadonlyArray<ModelInfo> = [
  model("o3-mini", [200_000, 100_000], [1.1, 0.55, 4.4], {
    ...reasoning,
    textOnly: true,
    reportedRetirement: "2026-10-23"
  }),
  model("o4-mini", [200_000, 100_000], [1.1, 0.275, 4.4], reasoning),
  model("o3", [200_000, 100_000], [2, 0.5, 8], { ...reasoning, reportedRetirement: "2026-12-11" }),
  model("o1", [200_000, 100_000], [15, 7.5, 60], reasoning),
  model("gpt-4o", [128_000, 16_384], [2.5, 1.25, 10], { reportedRetirement: "2027-01-14" }),
  model("gpt-4o-mini", [128_000, 16_384], [0.15, 0.075, 0.6], {}),
  model("gpt-4.1", [1_047_576, 32_768], [2, 0.5, 8], { reportedRetirement: "2027-01-14" }),
  model("gpt-4.1-mini", [1_047_576, 32_768], [0.4, 0.1, 1.6], {}),
  model("gpt-5", [400_000, 128_000], [1.25, 0.125, 10], { ...reasoning, reportedRetirement: "2026-12-11" }),
  model("gpt-5-mini", [400_000, 128_000], [0.25, 0.025, 2], { ...reasoning, reportedRetirement: "2026-12-11" }),
  model("gpt-5-nano", [400_000, 128_000], [0.05, 0.005, 0.4], reasoning)
]

const bySlug = new Map(modelCatalogue.map((entry) => [entry.slug, entry]))

/** The catalogue's entry of a slug; undefined for a model that must come with declared limits. */
export const findModel = (slug: string): ModelInfo | undefined => bySlug.get(slug)

/** Models that may stand in for a retired one, cheapest output first. `today` is an ISO date. */
export const livingSiblings = (slug: string, today: string): ReadonlyArray<string> =>
  modelCatalogue
    .filter((entry) => entry.slug !== slug && (entry.reportedRetirement ?? "9999") > today)
    .toSorted((a, b) => Number(a.outputPrice - b.outputPrice))
    .map((entry) => entry.slug)
