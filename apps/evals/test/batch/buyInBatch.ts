import process from "node:process"
import { Ledger, openAiCompatible } from "@assay/core"
import { runBatch } from "@assay/core/batch"
import { layer as layerNetwork } from "@assay/core/node"
import { layerStore } from "@assay/store"
import { Effect, Layer, Redacted } from "effect"
import { questions } from "./questions.ts"

/** A process that buys a batch and says how it stands, until somebody kills it. */
const [file = "", url = "", apiKey = "", count = "0"] = process.argv.slice(2)

const program = runBatch(questions(Number(count)), {
  provider: openAiCompatible(Redacted.make(apiKey), url, "openai"),
  pollInterval: "20 millis",
  listGrace: "1 hour",
  onProgress: ({ status, completed }) => Effect.sync(() => process.stdout.write(`${status} ${completed}\n`))
})
const layer = Ledger.layer({ budget: "run", limit: 10n ** 13n }).pipe(
  Layer.provideMerge(layerStore({ file })),
  Layer.provideMerge(layerNetwork)
)

await Effect.runPromise(Effect.provide(program, layer))
process.stdout.write("done\n")
