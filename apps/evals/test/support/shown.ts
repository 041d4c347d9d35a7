import type { End } from "./assay.ts"

/**
 * A call of the program as a page that a person can read in a review: what was typed, the exit code, and all that it
 * said, with what differs from run to run masked. `project` is the folder it ran in.
 */
export const shown = (args: ReadonlyArray<string>, { exit, stdout, stderr }: End, project: string): string =>
  [
    `$ assay ${args.join(" ")}`,
    `exit ${exit}`,
    ...part("stdout", mask(stdout, project)),
    ...part("stderr", mask(stderr, project)),
    ""
  ].join("\n")

/**
 * The page without what depends on which of two events came first: progress is left out, and lines that have a time are
 * sorted. A reply may come before the scorer of the one before has spoken.
 */
export const inOrder = (page: string): string => {
  const lines = page.split("\n").filter((line) => !/^<time> \d+\/\d+ /.test(line))
  const isTimed = (line: string) => line.startsWith("<time> ")
  const timed = lines.filter(isTimed).toSorted()
  return lines.map((line) => (isTimed(line) ? (timed.shift() ?? line) : line)).join("\n")
}

const part = (name: string, text: string): ReadonlyArray<string> =>
  text === "" ? ["", `-- ${name}: nothing`] : ["", `-- ${name}`, text.trimEnd()]

/** Ids, times, latencies and ports differ from run to run; what comes of them does too. */
export const mask = (text: string, project = "\0"): string =>
  masks.reduce(
    (masked, [pattern, name]) => masked.replace(pattern, name),
    maskIds(text).replaceAll(project, "<project>")
  )

const maskIds = (text: string): string => {
  const ids = text.matchAll(/(?:^run {7}|\brun |resume |assay show |"run":")([a-z0-9]{8})\b/gm)
  return [...new Set(Array.from(ids, ([, id]) => id ?? ""))].reduce(
    (masked, id) => masked.replaceAll(id, "<run-id>"),
    text
  )
}

const masks: ReadonlyArray<readonly [RegExp, string]> = [
  [/(\d{4}-)?\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?Z?/g, "<utc>"],
  [/\b\d\d:\d\d:\d\d\b/g, "<time>"],
  [/127\.0\.0\.1:\d+/g, "127.0.0.1:<port>"],
  [/\battempt [0-9a-f]{13}/g, "attempt <attempt>"],
  [/ *\b[\d.]+\/min\b/g, " <rate>/min"],
  [/ *\b(\d+m)?\d+(\.\d+)?(ms|s)\b/g, " <duration>"],
  [/<duration>( <duration>)+/g, "<duration>"],
  [/─{3,}/g, "───"]
]
