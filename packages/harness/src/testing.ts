// Doubles and makers for tests of this room and of those that build on it. A model is played by the network it is
// reached through: `layerModelClientScripted` of `@assay/core/testing` is the real client over scripted HTTP.
export { completion } from "./internal/testing/completion.ts"
export { layerCodeSandboxScripted } from "./internal/testing/layerCodeSandboxScripted.ts"
export { runRecordOf, sampleRecordsOf } from "./internal/testing/recordsOf.ts"
export { type TinySuiteOptions, tinySuite } from "./internal/testing/tinySuite.ts"
export { layerRunStoreMemory } from "./layerRunStoreMemory.ts"
