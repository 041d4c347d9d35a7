// A build is no Effect of ours: its age is told by the clock that stamps its files.
// @effect-diagnostics globalDate:off
import { spawnSync } from "node:child_process"
import { cpSync, mkdirSync, readdirSync, renameSync, rmSync, statSync } from "node:fs"
import { join } from "node:path"
import process from "node:process"
import { setTimeout } from "node:timers/promises"
import { fileURLToPath } from "node:url"

const room = fileURLToPath(new URL("../..", import.meta.url))
const repository = join(room, "..", "..")
const entry = join(room, "dist", "assay.js")
const copies = join(room, "node_modules", ".assay-test")
const lock = join(copies, "building")

let built: Promise<string> | undefined

/**
 * The path of the program as it ships, built first where a source is newer than it. Test files share one build, as a copy
 * of its own: whoever builds again meanwhile takes away the files that processes under test still load.
 */
export const bundle = (): Promise<string> => {
  built ??= build()
  return built
}

const build = async (): Promise<string> => {
  mkdirSync(copies, { recursive: true })
  while (isStale()) {
    if (!takeLock()) {
      await setTimeout(50)
      continue
    }
    try {
      const tsdown = join(room, "node_modules", ".bin", "tsdown")
      const { status, stdout, stderr } = spawnSync(tsdown, { cwd: room, encoding: "utf8" })
      if (status !== 0) throw new Error(`tsdown failed:\n${stdout}${stderr}`)
    } finally {
      rmSync(lock, { recursive: true })
    }
  }
  return copy()
}

const copy = (): string => {
  const folder = join(copies, String(changedAt(entry)))
  if (changedAt(join(folder, "assay.js")) === undefined) {
    for (const name of readdirSync(copies)) {
      const age = Date.now() - (changedAt(join(copies, name)) ?? 0)
      if (age > 3_600_000) rmSync(join(copies, name), { recursive: true, force: true })
    }
    const unfinished = `${folder}.${process.pid}`
    cpSync(join(room, "dist"), unfinished, { recursive: true })
    try {
      renameSync(unfinished, folder)
    } catch {
      // Another test process was as quick.
      rmSync(unfinished, { recursive: true })
    }
  }
  return join(folder, "assay.js")
}

/** False while another test process builds. A lock older than any build was left by one that was killed. */
const takeLock = (): boolean => {
  try {
    mkdirSync(lock)
    return true
  } catch {
    const age = Date.now() - (changedAt(lock) ?? Date.now())
    if (age > 60_000) rmSync(lock, { recursive: true, force: true })
    return false
  }
}

const isStale = (): boolean => {
  const at = changedAt(entry)
  return at === undefined || newestSource() > at
}

const changedAt = (file: string): number | undefined => statSync(file, { throwIfNoEntry: false })?.mtimeMs

const newestSource = (): number => {
  const rooms = ["packages", "apps"].flatMap((folder) =>
    readdirSync(join(repository, folder)).map((name) => join(repository, folder, name))
  )
  const places = rooms.flatMap((place) => [join(place, "src"), join(place, "package.json")])
  return newest([join(room, "tsdown.config.ts"), join(repository, "pnpm-lock.yaml"), ...places])
}

const newest = (places: ReadonlyArray<string>): number =>
  places.reduce((time, place) => {
    const found = statSync(place, { throwIfNoEntry: false })
    if (found === undefined) return time
    if (!found.isDirectory()) return Math.max(time, found.mtimeMs)
    return Math.max(time, newest(readdirSync(place).map((name) => join(place, name))))
  }, 0)
