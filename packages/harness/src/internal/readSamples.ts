import { Effect, Result } from "effect"
import type { Suite } from "../Suite.ts"
import { SuiteInvalid } from "../SuiteInvalid.ts"
import { makeDecodeSample, type ReadSample } from "./decodeSample.ts"

/**
 * Decodes a suite's samples: from `text`, the JSON Lines of `file`, or, where there is no file, those in the suite
 * itself. Fails with the first fault, named by file and line.
 */
export const readSamples = <Input, Target, Simulation>(
  suite: Suite<Input, Target, Simulation>,
  source: { readonly file: string; readonly text: string } | undefined
): Effect.Effect<ReadonlyArray<ReadSample<Input, Target, Simulation>>, SuiteInvalid> => {
  const invalid = (where: string, reason: string) =>
    new SuiteInvalid({ suite: suite.name, where, reason, fix: undefined })
  return Effect.gen(function* () {
    const lines = source === undefined ? inlineLines(suite) : jsonLines(source.text, source.file)
    const decode = makeDecodeSample(suite)
    const read: Array<ReadSample<Input, Target, Simulation>> = []
    const places = new Map<string, string>()
    for (const { where, value } of lines) {
      const decoded = Result.flatMap(value, decode)
      if (Result.isFailure(decoded)) return yield* invalid(where, decoded.failure)
      const { id } = decoded.success.sample
      const earlier = places.get(id)
      if (earlier !== undefined) {
        return yield* invalid(where, `the id "${id}" is used twice; it is first used at ${earlier}`)
      }
      places.set(id, where)
      read.push(decoded.success)
    }
    if (read.length === 0) return yield* invalid(source?.file ?? suite.name, "it has no samples")
    return read
  })
}

interface Line {
  /** File and line, for messages. */
  readonly where: string
  readonly value: Result.Result<unknown, string>
}

const inlineLines = <Input, Target, Simulation>(suite: Suite<Input, Target, Simulation>): ReadonlyArray<Line> =>
  typeof suite.samples === "string"
    ? []
    : suite.samples.map((value, index) => ({
        where: `${suite.name}, sample ${index + 1}`,
        value: Result.succeed(value)
      }))

/** Made one at a time, so that a fault in the first line does not wait for the last. */
function* jsonLines(text: string, file: string): Generator<Line> {
  let number = 0
  for (const line of text.split("\n")) {
    number += 1
    if (line.trim() === "") continue
    yield { where: `${file}:${number}`, value: parseJson(line) }
  }
}

const parseJson = (line: string): Result.Result<unknown, string> =>
  Result.try({
    try: (): unknown => JSON.parse(line),
    catch: (error) => `the line is not JSON: ${error instanceof Error ? error.message : String(error)}`
  })
