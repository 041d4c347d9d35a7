import { Effect, Path } from "effect"
import { Environment } from "../Environment.ts"

/** Where runs are kept, and how the user would write that. */
export const databaseFile = Effect.fnUntraced(function* (root: string, named: string | undefined) {
  const path = yield* Path.Path
  const { directory } = yield* Environment
  const file = named === undefined ? path.join(root, ".assay", "results.db") : path.resolve(directory, named)
  const relative = path.relative(directory, file)
  return { file, shown: relative.startsWith("..") ? file : relative }
})
