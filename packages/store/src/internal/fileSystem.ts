import { chmodSync, closeSync, existsSync, mkdirSync, openSync, statfsSync, writeFileSync } from "node:fs"
import { basename, dirname, join } from "node:path"

/** Magic numbers of `statfs` on Linux whose locks SQLite cannot trust: two writers would damage the file. */
const networkFileSystems: ReadonlyMap<number, string> = new Map([
  [0x6969, "NFS"],
  [0x517b, "SMB"],
  [0xff534d42, "CIFS"],
  [0xfe534d42, "SMB2"],
  [0x5346414f, "AFS"],
  [0x73757245, "Coda"]
])

/** The name of the network file system with this `statfs` type, or undefined for a local or unknown one. */
export const networkFileSystem = (type: number): string | undefined => networkFileSystems.get(type >>> 0)

/** The `statfs` type of a folder; 0 where the system does not tell. */
export const fileSystemType = (folder: string): number => {
  if (process.platform !== "linux") return 0
  try {
    return statfsSync(folder).type
  } catch {
    return 0
  }
}

/** Creates the file's folder; the project's own `.assay` keeps itself out of version control. */
export const prepareFolder = (file: string): void => {
  const folder = dirname(file)
  makeFolder(folder)
  const ignore = join(folder, ".gitignore")
  if (basename(folder) === ".assay" && !existsSync(ignore)) writeFileSync(ignore, "*\n")
}

/**
 * Creates a folder with its parents, one by one: Node's recursive way tries for ever where the system refuses a new
 * folder with ENOENT, as /proc does.
 */
const makeFolder = (folder: string): void => {
  if (existsSync(folder)) return
  makeFolder(dirname(folder))
  try {
    mkdirSync(folder)
  } catch (error) {
    // Another process may have been faster.
    if (!existsSync(folder)) throw error
  }
}

/** Makes the file readable for its owner alone. SQLite gives `-wal` and `-shm` the mode of the file they belong to. */
export const keepPrivate = (file: string): void => {
  closeSync(openSync(file, "a", 0o600))
  try {
    chmodSync(file, 0o600)
  } catch {
    // The file belongs to another user, who has chosen its mode.
  }
}
