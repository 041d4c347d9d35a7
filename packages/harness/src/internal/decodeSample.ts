import { Predicate, Result, Schema } from "effect"
import { nearest } from "../nearest.ts"
import type { Sample } from "../Sample.ts"
import type { Suite } from "../Suite.ts"
import { hashText } from "./hashText.ts"

/** A decoded sample, with the hash of what was written for its question and its answer. */
export interface ReadSample<Input, Target, Simulation> {
  readonly sample: Sample<Input, Target, Simulation>
  readonly hash: string
}

const sampleKeys = ["id", "input", "target", "tags", "cluster", "difficulty", "simulation", "check"]

/** A sample before its parts are decoded; `check` is the author's own proof of the target and is not read here. */
const RawSample = Schema.Struct({
  id: Schema.NonEmptyString,
  input: Schema.Unknown,
  target: Schema.Unknown,
  tags: Schema.optional(Schema.Array(Schema.String)),
  cluster: Schema.optional(Schema.String),
  difficulty: Schema.optional(Schema.Finite),
  simulation: Schema.optional(Schema.Unknown)
})

/** A function that decodes one sample of `suite`, or says in a sentence why it cannot. */
export const makeDecodeSample = <Input, Target, Simulation>(suite: Suite<Input, Target, Simulation>) => {
  const decodeRaw = Schema.decodeUnknownResult(RawSample)
  const decodeInput = Schema.decodeUnknownResult(suite.input)
  const decodeTarget = Schema.decodeUnknownResult(suite.target)
  const decodeSimulation =
    suite.simulation === undefined
      ? () => Result.succeed(undefined as Simulation)
      : Schema.decodeUnknownResult(suite.simulation)

  return (value: unknown): Result.Result<ReadSample<Input, Target, Simulation>, string> =>
    Result.gen(function* () {
      if (!Predicate.isObject(value)) return yield* Result.fail("a sample must be an object")
      const unknownKey = Object.keys(value).find((key) => !sampleKeys.includes(key))
      if (unknownKey !== undefined) {
        const meant = nearest(unknownKey, sampleKeys)
        const hint = meant === undefined ? "" : `; did you mean "${meant}"?`
        return yield* Result.fail(`unknown key "${unknownKey}"${hint}`)
      }
      const raw = yield* Result.mapError(decodeRaw(value), inOneLine)
      const part = <A, E extends { readonly message: string }>(name: string, decoded: Result.Result<A, E>) =>
        Result.mapError(decoded, (error) => `${name}: ${inOneLine(error)}`)
      const sample = {
        id: raw.id,
        input: yield* part("input", decodeInput(raw.input)),
        target: yield* part("target", decodeTarget(raw.target)),
        simulation: yield* part("simulation", decodeSimulation(raw.simulation)),
        tags: raw.tags ?? [],
        cluster: raw.cluster ?? raw.id,
        difficulty: raw.difficulty
      }
      return { sample, hash: hashText(JSON.stringify([raw.id, raw.input, raw.target])) }
    })
}

const inOneLine = ({ message }: { readonly message: string }): string => message.replace(/\s*\n\s*/g, " ")
