import { describe, expect, it } from "vitest"
import { findViolations, type House, type Manifest, type Violation } from "./support/findViolations.ts"
import { foldersIn, readFiles, readJson } from "./support/readRepository.ts"
import { knowTheProcess, rooms } from "./support/rooms.ts"

const dependencyFields = ["dependencies", "devDependencies", "peerDependencies", "optionalDependencies"]

const readManifest = (folder: string): Manifest => {
  const { name, exports = {}, ...fields } = readJson(`${folder}/package.json`)
  return {
    name: String(name),
    exports: Object.keys(Object(exports)),
    dependencies: dependencyFields.flatMap((field) => Object.keys(Object(fields[field])))
  }
}

const house: House = {
  rooms,
  files: rooms.flatMap(({ folder }) => readFiles(folder, [".ts", ".tsx", ".mts", ".js", ".mjs"])),
  manifests: rooms.map(({ folder }) => readManifest(folder)),
  knowTheProcess: new Set(Object.keys(knowTheProcess))
}

describe("the house as it stands", () => {
  it("has no import, dependency or use of the process that the architecture does not allow", () => {
    expect(findViolations(house).map(({ message }) => message)).toEqual([])
  })

  it("knows every workspace as a room, by its own name and under one boundary tag", () => {
    const folders = ["packages", "apps", "evals"].flatMap(foldersIn)
    expect(rooms.map(({ folder }) => folder).toSorted()).toEqual(folders.toSorted())
    for (const { folder, name } of rooms) {
      expect(readManifest(folder).name, folder).toBe(name)
      expect(readJson(`${folder}/turbo.json`)["tags"], folder).toHaveLength(1)
    }
  })

  it("excuses no file from the rule about the process that does not need it", () => {
    const strict = findViolations({ ...house, knowTheProcess: new Set() })
    const needed = strict.filter(({ kind }) => kind === "process").map(({ message }) => message.split(" ")[0])
    expect(needed.toSorted()).toEqual(Object.keys(knowTheProcess).toSorted())
  })
})

/** What the checker says of one more file in the house. */
const planted = (path: string, text: string): ReadonlyArray<Violation["kind"]> =>
  findViolations({ ...house, files: [{ path, text }] }).map(({ kind }) => kind)

describe("a planted import", () => {
  const all = rooms.filter(({ folder }) => !folder.startsWith("evals/"))
  const forbidden = rooms.flatMap((room) =>
    all.filter((other) => other !== room && !(other.name in room.arrows)).map((other) => [room, other] as const)
  )

  it.each(forbidden.map(([room, other]) => [room.folder, other.name]))("from %s to %s is refused", (folder, name) => {
    expect(planted(`${folder}/src/planted.ts`, `import { thing } from "${name}"\n`)).toEqual(["arrow"])
    expect(planted(`${folder}/test/planted.test.ts`, `const late = await import("${name}")\n`)).toEqual(["arrow"])
  })

  const kinds: ReadonlyArray<readonly [Violation["kind"], string, string, string]> = [
    ["arrow", "of a type alone", "packages/core/src/planted.ts", 'import type { Run } from "@assay/harness"'],
    ["arrow", "that re-exports", "packages/core/src/planted.ts", 'export * from "@assay/statistics"'],
    ["arrow", "for its side effects", "packages/store/src/planted.ts", 'import "@assay/simulator"'],
    ["arrow", "spread over lines", "packages/store/src/planted.ts", 'import {\n  a,\n  b\n} from "@assay/tui"'],
    ["arrow", "of the sandbox in harness", "packages/harness/src/planted.ts", 'import { a } from "@assay/sandbox"'],
    ["arrow", "of the sandbox in a suite", "evals/math/suite.ts", 'import { a } from "@assay/sandbox"'],
    ["optional peer", "behind an entry", "packages/harness/src/planted.ts", 'import { a } from "./code/codeTests.ts"'],
    ["eager", "of the screens", "apps/evals/src/planted.ts", 'import { startRunFooter } from "@assay/tui"'],
    ["unexported", "into a room", "packages/store/src/planted.ts", 'import { a } from "@assay/core/src/internal/a.ts"'],
    ["leaves room", "by path", "packages/core/src/planted.ts", 'import { a } from "../../harness/src/Plan.ts"'],
    ["leaves room", "by path, late", "evals/math/suite.ts", 'await import("../policy/suite.ts")'],
    ["barrel", "of its own index", "packages/core/src/internal/planted.ts", 'import { a } from "../index.ts"'],
    ["effect", "of Effect in statistics", "packages/statistics/src/planted.ts", 'import { Effect } from "effect"'],
    ["effect", "of Effect in a suite", "evals/math/suite.ts", 'import { Schema } from "effect"'],
    ["process", "of the process", "packages/core/src/planted.ts", 'import { env } from "node:process"']
  ]
  it.each(kinds)("is refused as %s: %s", (kind, _, path, text) => {
    expect(planted(path, `${text}\n`)).toEqual([kind])
  })

  it.each(["console.log(1)", 'const home = process.env["HOME"]', "globalThis.process.exit(1)"])(
    "is not needed for %s to be refused in a library",
    (text) => {
      expect(planted("packages/harness/src/planted.ts", text)).toEqual(["process"])
      expect(planted("packages/harness/bench/planted.bench.ts", text)).toEqual([])
    }
  )

  it("in a manifest is refused too", () => {
    const manifests = house.manifests.map((manifest) =>
      manifest.name === "@assay/core"
        ? { ...manifest, dependencies: [...manifest.dependencies, "@assay/harness"] }
        : manifest
    )
    const before = findViolations(house)
    const added = findViolations({ ...house, manifests }).filter(
      ({ message }) => !before.some((violation) => violation.message === message)
    )
    expect(added).toEqual([{ kind: "manifest", message: "packages/core/package.json depends on @assay/harness" }])
  })

  it.each([
    ["apps/evals/src/planted.ts", 'import { makeStyle } from "@assay/tui/text"'],
    ["apps/evals/src/planted.ts", 'const screens = await import("@assay/tui")'],
    ["packages/harness/src/code/planted.ts", 'import { createSandbox } from "@assay/sandbox"'],
    ["packages/core/src/planted.ts", '/**\n * import { a } from "@assay/harness"\n */\n// console.log(1)\nexport {}'],
    ["evals/coding/test/planted.test.ts", 'import { createSandbox } from "@assay/sandbox"']
  ])("that is allowed passes: %s, %s", (path, text) => {
    expect(planted(path, `${text}\n`)).toEqual([])
  })
})
