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
    ...fact("budget", `${creditsText(run.budget)} cr at most${run.simulated ? ", simulated" : ""}`, options),
    ...fact("seed", `${run.seed}`, options),
    ...fact("database", label(options.database, glyphs), options),
    ...(options.keyMissing ? howToUseTheRealModel(options) : [])
  ]
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
