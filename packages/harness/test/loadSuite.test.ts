import { describe, expect, it } from "@effect/vitest"
import { Effect, FileSystem, Layer, Path, PlatformError } from "effect"
import { defineSuite, exact, loadSuite, numeric, Schema, SuiteInvalid } from "../src/index.ts"

const files = (contents: Readonly<Record<string, string>>) =>
  Layer.merge(
    Path.layer,
    FileSystem.layerNoop({
      readFileString: (path) => {
        const text = contents[path]
        if (text !== undefined) return Effect.succeed(text)
        const reason = path.endsWith(".locked") ? "PermissionDenied" : "NotFound"
        return Effect.fail(PlatformError.systemError({ _tag: reason, module: "FileSystem", method: "readFileString" }))
      }
    })
  )

const capitals = {
  name: "capitals",
  input: Schema.Struct({ country: Schema.String }),
  target: Schema.String,
  samples: "./samples.jsonl",
  prompts: ["./prompts/plain.md"],
  settings: [{ model: "o3-mini", maxCompletionTokens: 100 }],
  scorers: [exact()]
}
const france = '{"id":"fr","input":{"country":"France"},"target":"Paris"}'
const peru = '{"id":"pe","input":{"country":"Peru"},"target":"Lima"}'

const load = (
  overrides: Partial<Omit<typeof capitals, "samples">> & {
    readonly samples?: ReadonlyArray<{
      readonly id: string
      readonly input: { country: string }
      readonly target: string
    }>
    readonly trials?: number
  } = {},
  contents: { readonly samples?: string | undefined; readonly prompt?: string } = {}
) =>
  loadSuite(defineSuite({ ...capitals, ...overrides }), { directory: "/suites/capitals" }).pipe(
    Effect.provide(
      files({
        "/suites/capitals/samples.jsonl": contents.samples ?? `${france}\n${peru}\n`,
        "/suites/capitals/prompts/plain.md": contents.prompt ?? "The capital of {{country}}?",
        "/suites/capitals/prompts/polite.md": "Please: the capital of {{country}}?",
        "/suites/capitals/other/plain.md": "Capital of {{country}}"
      })
    )
  )

const faultOf = (...args: Parameters<typeof load>) =>
  Effect.map(Effect.flip(load(...args)), (error) => {
    expect(error).toBeInstanceOf(SuiteInvalid)
    expect(error.suite).toBe("capitals")
    return error.message + (error.fix === undefined ? "" : ` (${error.fix})`)
  })

describe("loadSuite", () => {
  it.effect("reads samples and prompts, and fills in what an author may leave out", () =>
    Effect.gen(function* () {
      const suite = yield* load()
      expect(suite).toMatchObject({ name: "capitals", description: "", file: undefined, trials: 1 })
      expect(suite.samples[0]).toEqual({
        id: "fr",
        input: { country: "France" },
        target: "Paris",
        simulation: undefined,
        tags: [],
        cluster: "fr",
        difficulty: undefined
      })
      expect(suite.samples.map(({ id }) => id)).toEqual(["fr", "pe"])
      expect(suite.variants).toMatchObject([{ name: "plain", prompt: { variables: ["country"] } }])
    })
  )

  it.effect("takes all that an author may write, and samples from the suite itself", () =>
    Effect.gen(function* () {
      const line = { ...JSON.parse(france), tags: ["eu"], cluster: "europe", difficulty: 0.2, check: "atlas" }
      const [sample] = (yield* load({}, { samples: JSON.stringify(line) })).samples
      expect(sample).toMatchObject({ tags: ["eu"], cluster: "europe", difficulty: 0.2 })
      expect(sample).not.toHaveProperty("check")
      const inline = yield* load({ samples: [JSON.parse(peru)] })
      expect(inline.samples).toMatchObject([{ id: "pe", target: "Lima" }])
    })
  )

  it.effect.each([
    ["a byte order mark", `\uFEFF${france}\n${peru}`],
    ["blank lines", `\n${france}\n  \n\n${peru}\n\n`],
    ["line ends of Windows", `${france}\r\n${peru}\r\n`]
  ])("reads the same samples with %s", ([, samples]) =>
    Effect.gen(function* () {
      const plain = yield* load()
      const other = yield* load({}, { samples })
      expect(other.samples).toEqual(plain.samples)
      expect(other.samplesHash).toBe(plain.samplesHash)
    })
  )

  it.effect.each<[string, string, string]>([
    ["a line that is no JSON", `${france}\n{"id":`, "./samples.jsonl:2: the line is not JSON"],
    ["a line after blank ones", `\n\n${france}\n\nx`, "./samples.jsonl:5: the line is not JSON"],
    ["a line that is no object", `[${france}]`, "./samples.jsonl:1: a sample must be an object"],
    ["an input that the schema refuses", '{"id":"a","input":{"country":1},"target":""}', "./samples.jsonl:1: input: "],
    ["a target that the schema refuses", '{"id":"a","input":{"country":""},"target":7}', "./samples.jsonl:1: target: "],
    ["a sample without an id", '{"input":{"country":""},"target":""}', "./samples.jsonl:1: "],
    ["a sample without a target", '{"id":"a","input":{"country":""}}', "./samples.jsonl:1: "],
    ["an empty id", '{"id":"","input":{"country":""},"target":""}', "./samples.jsonl:1: "],
    [
      "a key it does not know",
      '{"id":"a","inptu":{}}',
      './samples.jsonl:1: unknown key "inptu"; did you mean "input"?'
    ],
    ["a key like no other", '{"id":"a","weather":1}', './samples.jsonl:1: unknown key "weather"'],
    [
      "an id used twice",
      `${france}\n${peru}\n${france}`,
      './samples.jsonl:3: the id "fr" is used twice; it is first used at ./samples.jsonl:1'
    ],
    ["no samples", "\n\n", "./samples.jsonl: it has no samples"]
  ])("names file and line of %s", ([, samples, message]) =>
    Effect.gen(function* () {
      const fault = yield* faultOf({}, { samples })
      expect(fault.slice(0, message.length)).toBe(message)
      expect(fault).not.toContain("\n")
      if (message.endsWith('"weather"')) expect(fault).toBe(message)
    })
  )

  it.effect("says in one line what the schema wants", () =>
    Effect.gen(function* () {
      const fault = yield* faultOf({}, { samples: '{"id":"a","input":{"country":1},"target":""}' })
      expect(fault).toBe('./samples.jsonl:1: input: Expected string at ["country"]')
    })
  )

  it.effect("names the sample at fault when there is no file", () =>
    Effect.gen(function* () {
      const sample = JSON.parse(france)
      expect(yield* faultOf({ samples: [sample, sample] })).toBe(
        'capitals, sample 2: the id "fr" is used twice; it is first used at capitals, sample 1'
      )
      expect(yield* faultOf({ samples: [] })).toBe("capitals: it has no samples")
    })
  )

  it.effect("names a file that is missing, or that may not be read", () =>
    Effect.gen(function* () {
      const missing = yield* faultOf({ prompts: ["./prompts/plan.md"] })
      expect(missing).toBe("./prompts/plan.md: the file does not exist")
      const locked = yield* faultOf({ prompts: ["./prompts/plain.locked"] })
      expect(locked).toContain("./prompts/plain.locked: it cannot be read: ")
    })
  )

  it.effect("names a prompt's variable that a sample's input lacks, and the one it may mean", () =>
    Effect.gen(function* () {
      expect(yield* faultOf({}, { prompt: "Of {{contry}}?" })).toBe(
        './prompts/plain.md: {{contry}} is not in the input of sample "fr" (did you mean {{country}}?)'
      )
      expect(yield* faultOf({}, { prompt: "{{country}} {{toString}}" })).toBe(
        './prompts/plain.md: {{toString}} is not in the input of sample "fr"'
      )
    })
  )

  it.effect("finds a variable that only a later sample lacks", () =>
    Effect.gen(function* () {
      const suite = defineSuite({ ...capitals, input: Schema.Struct({ hint: Schema.optionalKey(Schema.String) }) })
      const contents = {
        "/s/samples.jsonl": '{"id":"a","input":{"hint":"x"},"target":""}\n{"id":"b","input":{},"target":""}',
        "/s/prompts/plain.md": "{{hint}}"
      }
      const error = yield* loadSuite(suite, { directory: "/s" }).pipe(Effect.flip, Effect.provide(files(contents)))
      expect(error.message).toBe('./prompts/plain.md: {{hint}} is not in the input of sample "b"')
    })
  )

  it.effect("refuses a prompt that would lose words or send none", () =>
    Effect.gen(function* () {
      expect(yield* faultOf({}, { prompt: "" })).toBe("./prompts/plain.md: it is empty")
      expect(yield* faultOf({}, { prompt: "Be brief.\n## user\n{{country}}" })).toContain("would never be sent")
    })
  )

  it.effect("refuses suites whose trials could only pass, or that have none", () =>
    Effect.gen(function* () {
      expect(yield* faultOf({ scorers: [] })).toBe("capitals: it has no scorers, so every trial would pass")
      expect(yield* faultOf({ scorers: [{ ...exact(), required: false }] })).toContain("every trial would pass")
      expect(yield* faultOf({ scorers: [exact(), exact()] })).toBe('capitals: two of its scorers are called "exact"')
      expect(yield* faultOf({ scorers: [{ ...exact(), passAt: 80 }] })).toContain("must be from 0 to 1")
      expect(yield* faultOf({ prompts: [] })).toBe("capitals: it has no prompts")
      expect(yield* faultOf({ settings: [] })).toBe("capitals: it has no settings")
      for (const trials of [0, -1, 1.5, Number.NaN]) expect(yield* faultOf({ trials })).toContain(`trials is ${trials}`)
    })
  )

  it.effect("refuses variants that could not be told apart", () =>
    Effect.gen(function* () {
      const prompts = ["./prompts/plain.md", "./other/plain.md"]
      expect(yield* faultOf({ prompts })).toContain('two variants are called "plain"')
      const settings = [...capitals.settings, ...capitals.settings]
      expect(yield* faultOf({ settings })).toContain('two variants are called "plain"')
    })
  )

  it.effect("names variants by what tells them apart", () =>
    Effect.gen(function* () {
      const base = { model: "o3-mini", maxCompletionTokens: 100 }
      const names = (settings: ReadonlyArray<object>) =>
        Effect.map(
          load({
            prompts: ["./prompts/plain.md", "./prompts/polite.md"],
            settings: settings.map((one) => ({ ...base, ...one }))
          }),
          ({ variants }) => variants.map(({ name }) => name)
        )
      expect(yield* names([{}])).toEqual(["plain", "polite"])
      expect(yield* names([{ reasoningEffort: "low" }, {}])).toEqual([
        "plain low",
        "plain no effort",
        "polite low",
        "polite no effort"
      ])
      expect((yield* names([{}, { model: "o4-mini", maxCompletionTokens: 9 }])).slice(0, 2)).toEqual([
        "plain o3-mini 100 tokens",
        "plain o4-mini 9 tokens"
      ])
      expect(new Set(yield* names([{}, { json: true }])).size).toBe(4)
    })
  )

  it.effect("gives other hashes to other samples and other verdicts, and to nothing else", () =>
    Effect.gen(function* () {
      const first = yield* load()
      const samples = { samples: `${france}\n${peru.replace("Lima", "lima")}` }
      expect((yield* load({}, samples)).samplesHash).not.toBe(first.samplesHash)
      const tagged = { samples: `${france}\n${peru.replace("}", '},"tags":["x"]')}` }
      expect((yield* load({}, tagged)).samplesHash).toBe(first.samplesHash)
      const scorersHash = (
        scorer: ReturnType<typeof exact> & { readonly passAt?: number; readonly required?: boolean }
      ) => Effect.map(load({ scorers: [scorer] }), (suite) => suite.scorersHash)
      const hashes = [
        yield* scorersHash(exact()),
        yield* scorersHash({ ...exact(), version: 2 }),
        yield* scorersHash(exact({ ignoreCase: true })),
        yield* scorersHash({ ...exact(), passAt: 0.5 })
      ]
      expect(new Set(hashes).size).toBe(4)
      expect(yield* scorersHash({ ...exact(), passAt: 1, required: true })).toBe(hashes[0])
    })
  )

  it.effect("decodes inputs and targets by the suite's schemas", () =>
    Effect.gen(function* () {
      const suite = defineSuite({
        ...capitals,
        input: Schema.Struct({ country: Schema.BigIntFromString }),
        target: Schema.Finite,
        simulation: Schema.Struct({ wrong: Schema.Array(Schema.String) }),
        scorers: [numeric()]
      })
      const contents = {
        "/s/samples.jsonl": '{"id":"a","input":{"country":"12"},"target":3,"simulation":{"wrong":["4"]}}',
        "/s/prompts/plain.md": "{{country}}"
      }
      const loaded = yield* loadSuite(suite, { directory: "/s" }).pipe(Effect.provide(files(contents)))
      expect(loaded.samples).toMatchObject([{ input: { country: 12n }, target: 3, simulation: { wrong: ["4"] } }])
    })
  )
})
