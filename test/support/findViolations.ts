import { posix } from "node:path"
import type { SourceFile } from "./readRepository.ts"
import type { Room } from "./rooms.ts"

export interface Violation {
  readonly kind:
    | "arrow"
    | "manifest"
    | "effect"
    | "eager"
    | "unexported"
    | "leaves room"
    | "optional peer"
    | "barrel"
    | "process"
  /** What a person reads: file, import, and what to do instead where that is not plain. */
  readonly message: string
}

export interface Manifest {
  readonly name: string
  readonly exports: ReadonlyArray<string>
  readonly dependencies: ReadonlyArray<string>
}

export interface House {
  readonly rooms: ReadonlyArray<Room>
  readonly files: ReadonlyArray<SourceFile>
  readonly manifests: ReadonlyArray<Manifest>
  /** Files that may touch `process` and `console`. */
  readonly knowTheProcess: ReadonlySet<string>
}

/** Everything in the sources and manifests of the rooms that the architecture does not allow. Pure. */
export const findViolations = (house: House): ReadonlyArray<Violation> =>
  house.rooms.flatMap((room) => [
    ...manifestViolations(room, house),
    ...house.files
      .filter(({ path }) => path.startsWith(`${room.folder}/`))
      .flatMap((file) => fileViolations(room, file, house))
  ])

const manifestViolations = (room: Room, { manifests, rooms }: House): ReadonlyArray<Violation> => {
  const ours = new Set(rooms.map(({ name }) => name))
  const declared = manifests.find(({ name }) => name === room.name)?.dependencies ?? []
  return declared
    .filter((name) => ours.has(name) && !(name in room.arrows))
    .map((name) => ({ kind: "manifest", message: `${room.folder}/package.json depends on ${name}` }))
}

const fileViolations = (room: Room, file: SourceFile, house: House): ReadonlyArray<Violation> => {
  const code = withoutComments(file.text)
  const place = file.path.slice(room.folder.length + 1)
  const found = importsOf(code).flatMap(({ specifier, dynamic }): ReadonlyArray<Violation> => {
    const at = (kind: Violation["kind"], words = "") => [{ kind, message: `${file.path} imports ${specifier}${words}` }]
    if (specifier.startsWith(".")) return relativeViolations(room, file.path, specifier).flatMap((kind) => at(kind))
    if (/^effect($|\/)|^@effect\/(?!vitest)/.test(specifier)) return room.effect ? [] : at("effect")
    const target = house.rooms.find(({ name }) => specifier === name || specifier.startsWith(`${name}/`))
    if (target === undefined || target === room) return []
    const places = room.arrows[target.name]
    if (places === undefined) return at("arrow")
    if (places !== "everywhere" && !places.some((start) => place.startsWith(start))) {
      return at("arrow", `, allowed only in ${places.join(", ")}`)
    }
    const entry = `.${specifier.slice(target.name.length)}`
    const entries = house.manifests.find(({ name }) => name === target.name)?.exports ?? []
    if (!entries.includes(entry)) return at("unexported", ", which its package.json does not export")
    const eager = place.startsWith("src/") && entry === "." && !dynamic && room.lazily?.includes(target.name) === true
    return eager ? at("eager", `; only await import("${specifier}") keeps it a chunk of its own`) : []
  })
  const free = !place.startsWith("src/") || house.knowTheProcess.has(file.path)
  return free || !touchesProcess(code)
    ? found
    : [...found, { kind: "process", message: `${file.path} touches process or console` }]
}

const relativeViolations = (room: Room, from: string, specifier: string): ReadonlyArray<Violation["kind"]> => {
  const inRoom = (path: string) => path.slice(room.folder.length + 1)
  const target = posix.join(posix.dirname(from), specifier)
  if (!target.startsWith(`${room.folder}/`)) return ["leaves room"]
  const inSource = inRoom(from).startsWith("src/")
  if (inSource && inRoom(target) === "src/index.ts") return ["barrel"]
  // Where the way to another room is allowed only behind one entry, the other entries must not reach behind it.
  const isBehind = (path: string) =>
    Object.values(room.arrows).some(
      (places) => places !== "everywhere" && places.some((place) => inRoom(path).startsWith(place))
    )
  return inSource && isBehind(target) && !isBehind(from) ? ["optional peer"] : []
}

interface Import {
  readonly specifier: string
  readonly dynamic: boolean
}

/** Every static, dynamic, re-exporting and resolving import with a literal name. */
export const importsOf = (code: string): ReadonlyArray<Import> => {
  const all = (pattern: RegExp, dynamic: boolean) =>
    Array.from(code.matchAll(pattern), ([, specifier = ""]) => ({ specifier, dynamic }))
  return [
    ...all(/\bfrom\s*["']([^"']+)["']/g, false),
    ...all(/\bimport\s*["']([^"']+)["']/g, false),
    ...all(/\b(?:import|require|import\.meta\.resolve)\s*\(\s*["']([^"']+)["']/g, true)
  ]
}

/** A comment begins a line or follows a space: `//` inside an address and `/*` inside a glob do neither. */
const withoutComments = (text: string): string =>
  text.replace(/(^|\s)\/\*[\s\S]*?\*\//g, "$1").replace(/(^|\s)\/\/.*$/gm, "$1")

const touchesProcess = (code: string): boolean =>
  /(?<![\w.$"'`])(?:process|console)\s*[.[]/.test(code) ||
  /\bglobalThis\.(?:process|console)\b/.test(code) ||
  importsOf(code).some(({ specifier }) => /^(?:node:)?(?:process|console)$/.test(specifier))
