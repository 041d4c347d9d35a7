import { layerStore } from "@assay/store"
import { Effect } from "effect"
import { Environment } from "../Environment.ts"
import { databaseFile } from "../run/databaseFile.ts"
import { findProject } from "../suites/findSuites.ts"

/** The project's store, opened for reading: looking never makes a file. */
export const openStoreForReading = Effect.fnUntraced(function* (named: string | undefined) {
  const { directory } = yield* Environment
  const project = yield* findProject(directory)
  const { file } = yield* databaseFile(project.root, named)
  return layerStore({ file, mode: "read" })
})
