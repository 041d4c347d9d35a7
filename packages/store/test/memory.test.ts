import { layerLedgerJournalMemory } from "@assay/core"
import { layerRunStoreMemory } from "@assay/harness"
import { ledgerJournalContract } from "./ledgerJournalContract.ts"
import { runStoreContract } from "./runStoreContract.ts"

ledgerJournalContract("layerLedgerJournalMemory", layerLedgerJournalMemory, 1000)
runStoreContract("layerRunStoreMemory", layerRunStoreMemory)
