export { DatabaseLocked, DatabaseNotWritable, DatabaseRefused } from "./DatabaseRefused.ts"
export { layerStore, type StoreOptions } from "./layerStore.ts"
