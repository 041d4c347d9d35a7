import { Layer, Redacted } from "effect"
import { Ledger } from "../../Ledger.ts"
import { layerLedgerJournalMemory } from "../../layerLedgerJournalMemory.ts"
import { ModelClient, type ModelClientOptions } from "../../ModelClient.ts"
import { simulator } from "../../Provider.ts"
import { layerHttpScripted, type Script } from "./layerHttpScripted.ts"

/** How a scripted client differs from the usual: one provider `simulator`, a budget of 1,000 credits. */
export interface ScriptedClientOptions extends Partial<ModelClientOptions> {
  /** Pico-credits. */
  readonly limit?: bigint
}

/** The real `ModelClient`, ledger and in-memory journal over a scripted network: only the network is played. */
export const layerModelClientScripted = (script: Script, options: ScriptedClientOptions = {}) => {
  const { limit = 1_000_000_000_000_000n, providers = [playedProvider], ...rest } = options
  return ModelClient.layer({ ...rest, providers }).pipe(
    Layer.provideMerge(Ledger.layer({ budget: "test", limit })),
    Layer.provideMerge(layerLedgerJournalMemory),
    Layer.provideMerge(layerHttpScripted(script))
  )
}

const playedProvider = simulator(Redacted.make("SG_0123456789abcdef"), "http://provider.invalid")
