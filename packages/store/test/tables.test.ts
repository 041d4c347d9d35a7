import { join } from "node:path"
import { LedgerJournal } from "@assay/core"
import { RunStore } from "@assay/harness"
import { assert, describe, it } from "@effect/vitest"
import Database from "better-sqlite3"
import { Effect, Schema } from "effect"
import { layerStore } from "../src/index.ts"
import { assertLedgerAddsUp } from "./ledgerAddsUp.ts"
import { anEnd, aPrompt, aReservation, aRun, aScore, aSettlement, aTrial, bodyWith, someSamples } from "./records.ts"
import { temporaryFolder } from "./temporaryFolder.ts"

/** A store with an open run and budget, and a way to put questions in SQL to its file. */
const withStore = <A, E>(
  use: (parts: {
    readonly store: RunStore["Service"]
    readonly journal: LedgerJournal["Service"]
    readonly ask: (sql: string) => ReadonlyArray<unknown>
    readonly file: string
  }) => Effect.Effect<A, E>
) =>
  Effect.gen(function* () {
    const file = join(yield* temporaryFolder, "assay.db")
    const program = Effect.gen(function* () {
      const store = yield* RunStore
      const journal = yield* LedgerJournal
      yield* store.createRun(aRun(), someSamples)
      yield* journal.open("run00001", 1_000_000n)
      const reader = new Database(file, { readonly: true })
      const ask = (sql: string) => reader.prepare(sql).all()
      return yield* Effect.ensuring(
        use({ store, journal, ask, file }),
        Effect.sync(() => reader.close())
      )
    })
    return yield* Effect.provide(program, layerStore({ file }), { local: true })
  })

const buy = (journal: LedgerJournal["Service"], attemptId: string, body: string) =>
  Effect.gen(function* () {
    yield* journal.admit([aReservation(attemptId, { budget: "run00001" })])
    const reply = { status: 200, headers: {}, body }
    yield* journal.settle(aSettlement(attemptId, 4n, { budget: "run00001", reply }))
  })

describe("the tables", () => {
  it.effect("keep an output once, in the reply that brought it", () =>
    withStore(({ store, journal, ask }) =>
      Effect.gen(function* () {
        yield* buy(journal, "a", bodyWith("the output"))
        const trial = aTrial({ attemptId: "a", output: "the output" })
        yield* store.appendTrial("run00001", trial, aPrompt())
        assert.deepStrictEqual(ask("SELECT output, output_in_body FROM trial"), [{ output: null, output_in_body: 1 }])
        assert.deepStrictEqual(ask("SELECT output, attempt FROM v_trial"), [{ output: "the output", attempt: "a" }])
        assert.deepStrictEqual((yield* store.sampleTrials("run00001", "jars"))[0]?.trial, trial)
      })
    )
  )

  it.effect("give back an output that its reply does not hold in that place", () =>
    withStore(({ store, journal, ask }) =>
      Effect.gen(function* () {
        const outputs: ReadonlyArray<readonly [body: string, output: string | undefined, inBody: 0 | 1]> = [
          ["not JSON", "read by another decoder", 0],
          ["", "", 0],
          [`\uFEFF${bodyWith("84")}`, "84", 0],
          [bodyWith(null), "", 1],
          [bodyWith(5), "5", 0],
          [bodyWith([{ type: "text", text: "84" }]), "", 0],
          ['{"choices":[{"message":{"content":"first","content":"last"}}]}', "last", 0],
          [bodyWith("84"), undefined, 0],
          [bodyWith('“🫙” \u0000 " \\'), '“🫙” \u0000 " \\', 1]
        ]
        for (const [index, [body, output, inBody]] of outputs.entries()) {
          yield* buy(journal, `attempt-${index}`, body)
          const trial = aTrial({ attemptId: `attempt-${index}`, output, outcome: "failed", trialIndex: index })
          yield* store.appendTrial("run00001", trial, aPrompt())
          assert.deepStrictEqual((yield* store.sampleTrials("run00001", "jars"))[index]?.trial, trial)
          const where = ask(`SELECT output_in_body FROM trial WHERE trial_index = ${index}`)
          assert.deepStrictEqual(where, [{ output_in_body: inBody }], body)
        }
      })
    )
  )

  it.effect.prop(
    "give back any output of any reply",
    { content: Schema.String, output: Schema.String },
    ({ content, output }) =>
      withStore(({ store, journal }) =>
        Effect.gen(function* () {
          yield* buy(journal, "a", bodyWith(content))
          for (const [trialIndex, text] of [content, output].entries()) {
            yield* store.appendTrial("run00001", aTrial({ attemptId: "a", output: text, trialIndex }), aPrompt())
          }
          const stored = yield* store.sampleTrials("run00001", "jars")
          // UTF-8 has no lone surrogates; a disk cannot tell them apart.
          assert.deepStrictEqual(
            stored.map(({ trial }) => trial.output?.toWellFormed()),
            [content.toWellFormed(), output.toWellFormed()]
          )
        })
      ).pipe(Effect.scoped),
    { arbitrary: { runs: 30 } }
  )

  it.effect("keep a prompt once, whoever uses it", () =>
    withStore(({ store, ask }) =>
      Effect.gen(function* () {
        for (const trialIndex of [0, 1]) yield* store.appendTrial("run00001", aTrial({ trialIndex }), aPrompt())
        yield* store.createRun(aRun({ id: "run00002" }), someSamples)
        yield* store.appendTrial("run00002", aTrial(), aPrompt())
        yield* store.appendTrial("run00002", aTrial({ trialIndex: 1 }), aPrompt("another"))
        assert.deepStrictEqual(ask("SELECT length(hash) AS bytes FROM rendered_prompt"), [{ bytes: 16 }, { bytes: 16 }])
      })
    )
  )

  it.effect("keep the scores of an outcome that was replaced, by the completion they judged", () =>
    withStore(({ store, journal, ask }) =>
      Effect.gen(function* () {
        yield* buy(journal, "a", bodyWith("84"))
        const unscored = aScore({ scorer: "judge", value: undefined, passed: false })
        yield* store.appendTrial(
          "run00001",
          aTrial({ attemptId: "a", outcome: "unscored", scores: [unscored] }),
          aPrompt()
        )
        yield* store.appendTrial(
          "run00001",
          aTrial({ attemptId: "a", scores: [aScore({ scorer: "judge" })] }),
          aPrompt()
        )
        assert.deepStrictEqual(
          ask(
            "SELECT round, scorer, scorer_version, value, completion_id IS NOT NULL AS judged FROM score ORDER BY round"
          ),
          [
            { round: 1, scorer: "judge", scorer_version: 2, value: null, judged: 1 },
            { round: 2, scorer: "judge", scorer_version: 2, value: 1, judged: 1 }
          ]
        )
        assert.deepStrictEqual((yield* store.sampleTrials("run00001", "jars"))[0]?.trial.scores, [
          aScore({ scorer: "judge" })
        ])
      })
    )
  )

  it.effect("answer for the pass rate in v_pass_rate, and give none where nothing was scored", () =>
    withStore(({ store, ask }) =>
      Effect.gen(function* () {
        const outcomes = ["passed", "failed", "passed", "unscored"] as const
        for (const [trialIndex, outcome] of outcomes.entries()) {
          yield* store.appendTrial("run00001", aTrial({ outcome, trialIndex, cost: 5n }), aPrompt())
        }
        yield* store.appendTrial(
          "run00001",
          aTrial({ variant: "structured", outcome: "unscored", cost: 2n }),
          aPrompt()
        )
        const rest = { run: "run00001", simulated: 1 }
        assert.deepStrictEqual(ask("SELECT * FROM v_pass_rate ORDER BY suite DESC, variant"), [
          {
            ...rest,
            suite: "math",
            variant: "plain",
            passed: 2,
            n: 3,
            pass_rate: 2 / 3,
            unscored: 1,
            cost_pico_credits: 20
          },
          {
            ...rest,
            suite: "math",
            variant: "structured",
            passed: 0,
            n: 0,
            pass_rate: null,
            unscored: 1,
            cost_pico_credits: 2
          },
          {
            ...rest,
            suite: "coding",
            variant: "plain",
            passed: 0,
            n: 0,
            pass_rate: null,
            unscored: 0,
            cost_pico_credits: 0
          }
        ])
      })
    )
  )

  it.effect("answer for the spend in v_spend, by kind of call", () =>
    withStore(({ journal, ask, file }) =>
      Effect.gen(function* () {
        yield* buy(journal, "a", bodyWith("84"))
        yield* buy(journal, "b", bodyWith("84"))
        const judge = { budget: "run00001", kind: "judge" } as const
        yield* journal.admit([aReservation("c", judge), aReservation("d", judge)])
        yield* journal.hold(anEnd("c", { budget: "run00001" }))
        const rest = { budget: "run00001", provider: "simulator", model: "o3-mini" }
        assert.deepStrictEqual(ask("SELECT * FROM v_spend ORDER BY kind"), [
          {
            ...rest,
            kind: "answer",
            attempts: 2,
            settled_pico_credits: 8,
            reserved_pico_credits: 0,
            held_pico_credits: 0
          },
          {
            ...rest,
            kind: "judge",
            attempts: 2,
            settled_pico_credits: 0,
            reserved_pico_credits: 10,
            held_pico_credits: 10
          }
        ])
        assertLedgerAddsUp(file)
      })
    )
  )

  it.effect("have neither a charge nor a reply when a settlement fails, and the calls beside it have both", () =>
    withStore(({ journal, ask, file }) =>
      Effect.gen(function* () {
        const names = ["a", "b", "c"]
        yield* journal.admit(names.map((name) => aReservation(name, { budget: "run00001" })))
        const exits = yield* Effect.forEach(
          names,
          (name) =>
            Effect.exit(
              // SQLite refuses half an attempt, after the charge has been written.
              journal.settle(aSettlement(name, 4n, { budget: "run00001", number: name === "b" ? 1.5 : 1 }))
            ),
          { concurrency: "unbounded" }
        )
        assert.deepStrictEqual(
          exits.map(({ _tag }) => _tag),
          ["Success", "Failure", "Success"]
        )
        assert.deepStrictEqual(ask("SELECT name, state FROM attempt ORDER BY name"), [
          { name: "a", state: "settled" },
          { name: "b", state: "reserved" },
          { name: "c", state: "settled" }
        ])
        assertLedgerAddsUp(file)
        yield* journal.settle(aSettlement("b", 4n, { budget: "run00001" }))
        assert.deepStrictEqual(yield* journal.totals("run00001"), {
          limit: 1_000_000n,
          settled: 12n,
          reserved: 0n,
          held: 0n
        })
        assertLedgerAddsUp(file)
      })
    )
  )
})
