import { readdirSync, readFileSync } from "node:fs"
import { expect, it } from "vitest"

const source = new URL("../src/", import.meta.url)
const files = ["text.ts", ...readdirSync(new URL("text/", source)).map((name) => `text/${name}`)]

it("reaches neither Ink nor React from the entry for text, which the command line loads at every start", () => {
  const imports = files.flatMap((file) =>
    Array.from(readFileSync(new URL(file, source), "utf8").matchAll(/ from "([^"]+)"/g), ([, name]) => name)
  )
  expect(imports.length).toBeGreaterThan(files.length)
  expect(imports.filter((name) => name?.startsWith(".") && !/^\.\/(text\/)?\w+\.ts$/.test(name))).toEqual([])
  expect(new Set(imports.filter((name) => !name?.startsWith(".")))).toEqual(
    new Set(["@assay/core", "@assay/harness", "@assay/statistics", "effect"])
  )
})
