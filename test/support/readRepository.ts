import { readdirSync, readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"

export interface SourceFile {
  /** Relative to the root, with `/`. */
  readonly path: string
  readonly text: string
}

const root = new URL("../../", import.meta.url)
const notOurs: ReadonlySet<string> = new Set(["node_modules", "dist", "coverage", ".git", ".turbo", ".assay"])

/** All files under `folder` (relative to the root, "" for all) with one of the extensions, in the order of their names. */
export const readFiles = (folder: string, extensions: ReadonlyArray<string>): ReadonlyArray<SourceFile> =>
  readdirSync(fileURLToPath(new URL(folder === "" ? "." : `${folder}/`, root)), { withFileTypes: true })
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      const path = folder === "" ? entry.name : `${folder}/${entry.name}`
      if (entry.isDirectory()) return notOurs.has(entry.name) ? [] : readFiles(path, extensions)
      return extensions.some((extension) => path.endsWith(extension)) ? [{ path, text: readText(path) }] : []
    })

export const readText = (path: string): string => readFileSync(new URL(path, root), "utf8")

export const readJson = (path: string): Record<string, unknown> => JSON.parse(readText(path))

/** The names of the folders in one, as workspaces lie in `packages`. */
export const foldersIn = (folder: string): ReadonlyArray<string> =>
  readdirSync(new URL(`${folder}/`, root), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => `${folder}/${entry.name}`)
