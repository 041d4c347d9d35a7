import { Effect, Path } from "effect"
import { Environment } from "../Environment.ts"
import { Screen } from "../Screen.ts"
import { findProject } from "../suites/findSuites.ts"
import { importSuite } from "../suites/importSuite.ts"

/** The suites of the project that the process was started in, with what a run of each holds: `assay list suites`. */
export const listSuites = Effect.fn("listSuites")(function* ({ json }: { readonly json: boolean }) {
  const { out } = yield* Screen
  const path = yield* Path.Path
  const { directory } = yield* Environment
  const project = yield* findProject(directory)
  const suites = yield* Effect.forEach(project.suites, importSuite)
  const described = suites.map((suite) => ({
    name: suite.name,
    file: path.relative(directory, suite.file ?? ""),
    description: suite.description,
    samples: suite.samples.length,
    variants: suite.variants.map(({ name }) => name),
    trials: suite.samples.length * suite.variants.length * suite.trials
  }))
  if (json) return yield* out(JSON.stringify(described, null, 2))
  if (described.length === 0) return yield* out(`No suites under ${project.root}.`)
  const width = Math.max(...described.map(({ name }) => name.length))
  for (const { name, samples, variants, description } of described) {
    yield* out(`${name.padEnd(width)}  ${samples} samples × ${variants.join(", ")}`)
    if (description !== "") yield* out(`${" ".repeat(width)}  ${description}`)
  }
})
