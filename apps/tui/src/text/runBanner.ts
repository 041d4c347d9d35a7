import type { RunRecord } from "@assay/harness"
import { label } from "./label.ts"
import { creditsText } from "./numbers.ts"
import { publicUrl } from "./publicUrl.ts"
import type { Style, Tone } from "./style.ts"
import { wrapText } from "./wrapText.ts"

export interface BannerOptions {
  readonly columns: number
  readonly style: Style
  /** The database's path as the user would write it. */
  readonly database: string
  /** The simulator answers only because no key was found: then the banner says how to ask the real model. */
  readonly keyMissing: boolean
  /** The most one call may cost, in pico-credits, where a run is about to begin: it says how far the budget reaches. */
  readonly largestBound?: bigint
}

/** What a run is about to do, before its first call: who answers, for how much at most, and where results go. */
export const runBanner = (run: RunRecord, options: BannerOptions): ReadonlyArray<string> => {
  const { glyphs } = options.style
  const suites = run.suites.map((suite) => label(suite.name, glyphs)).join(", ")
  const address = label(publicUrl(run.baseUrl) ?? "an unreadable address", glyphs)
  return [
    ...fact(
      "run",
      `${label(run.id, glyphs)}, ${counted(run.trials, "trial")}, ${counted(run.variants.length, "variant")}`,
      options
    ),
    ...fact("suites", suites, options),
    ...(run.simulated
      ? fact("answers", "SIMULATED by the built-in simulator: no model is asked", { ...options, tone: "unscored" })
      : fact("answers", `${label(run.provider, glyphs)} at ${address}`, options)),
    ...fact("budget", budgetText(run, options.largestBound), options),
    ...fact("seed", `${run.seed}`, options),
    ...fact("database", label(options.database, glyphs), options),
    ...(options.keyMissing ? howToUseTheRealModel(options) : [])
  ]
}

/** Each call reserves the most it may cost, so the bound decides how many fit at a time, and what may be left over. */
const budgetText = ({ budget, simulated }: RunRecord, largestBound: bigint | undefined): string => {
  const limit = `${creditsText(budget)} cr at most${simulated ? ", simulated" : ""}`
  if (largestBound === undefined || largestBound === 0n) return limit
  const calls = counted(Number(budget / largestBound), "call")
  return `${limit}: ${calls} at a time, ${creditsText(largestBound)} may stay unused`
}

const fact = (
  name: string,
  text: string,
  { columns, style, tone = "plain" }: BannerOptions & { readonly tone?: Tone }
): ReadonlyArray<string> =>
  wrapText(text, columns - indent).map(
    (line, row) => style.paint("dim", (row === 0 ? name : "").padEnd(indent)) + style.paint(tone, line)
  )

const indent = 10

const howToUseTheRealModel = ({ columns, style }: BannerOptions): ReadonlyArray<string> => [
  "",
  ...wrapText("No SEGMIND_API_KEY is set, so the simulator answers. For the real model:", columns),
  `  export SEGMIND_API_KEY=${style.glyphs.ellipsis}`,
  "  assay run --provider segmind"
]

const counted = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? "" : "s"}`
