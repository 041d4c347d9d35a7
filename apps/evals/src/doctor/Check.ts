import { type Style, sanitizeLine } from "@assay/tui/text"

/** What one look at the installation found. */
export interface Check {
  readonly name: string
  readonly state: "ok" | "warning" | "failed"
  readonly detail: string
  /** A line to paste, or a sentence; absent where nothing has to be done. */
  readonly fix?: string
  /** Whether a key is what is missing. */
  readonly credentials?: boolean
}

export const ok = (name: string, detail: string): Check => ({ name, state: "ok", detail })

export const warning = (name: string, detail: string, fix?: string): Check => ({
  name,
  state: "warning",
  detail,
  ...(fix === undefined ? {} : { fix })
})

export const failed = (name: string, detail: string, fix: string): Check => ({ name, state: "failed", detail, fix })

/** A check's line, and its fix under it. Details may quote a provider, so none can move the cursor. */
export const checkLines = ({ detail, fix, name, state }: Check, { glyphs, paint }: Style): ReadonlyArray<string> => {
  const shown = {
    ok: paint("passed", glyphs.passed),
    warning: paint("unscored", glyphs.unscored),
    failed: paint("failed", glyphs.failed)
  }
  return [
    `${shown[state]} ${name.padEnd(10)} ${sanitizeLine(detail)}`,
    ...(fix === undefined ? [] : [`  ${"".padEnd(10)} fix: ${sanitizeLine(fix)}`])
  ]
}
