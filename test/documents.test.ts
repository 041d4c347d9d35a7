import { existsSync } from "node:fs"
import { posix } from "node:path"
import { expect, it } from "vitest"
import { readFiles, readJson } from "./support/readRepository.ts"
import { rooms } from "./support/rooms.ts"

const root = new URL("../", import.meta.url)
const documents = readFiles("", [".md"]).filter(({ path }) => !/^evals\/[^/]+\/prompts\//.test(path))

/** A document's text without its code, whose brackets are no links. */
const prose = (text: string) => text.replace(/^```[\s\S]*?^```/gm, "").replace(/`[^`\n]*`/g, "")

it("has no relative link in any document that leads nowhere", () => {
  const links = documents.flatMap(({ path, text }) =>
    Array.from(prose(text).matchAll(/\]\(([^)\s]+)\)/g), ([, target = ""]) => ({ path, target }))
  )
  const relative = links.filter(({ target }) => !/^[a-z]+:|^#/.test(target))
  expect(relative.length).toBeGreaterThan(10)
  const broken = relative.filter(({ path, target }) => {
    const [file = ""] = target.split("#")
    return !existsSync(new URL(posix.join(posix.dirname(path), file), root))
  })
  expect(broken).toEqual([])
})

it("names no command of npm or pnpm in its documents that package.json lacks", () => {
  const scripts = Object.keys(Object(readJson("package.json")["scripts"]))
  const own: ReadonlySet<string> = new Set(["install", "exec", "add", "pack", "changeset", "publish", "run"])
  const atRoot = ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "AGENTS.md", "SECURITY.md"]
  const commands = documents
    .filter(({ path }) => atRoot.includes(path) || path.startsWith("docs/"))
    .flatMap(({ path, text }) =>
      Array.from(text.matchAll(/\b(?:npm|pnpm) (?:run )?([a-z][\w:]*)/g), ([, name = ""]) => ({ path, name }))
    )
  expect(commands.length).toBeGreaterThan(5)
  expect(commands.filter(({ name }) => !scripts.includes(name) && !own.has(name))).toEqual([])
})

it.each(rooms.map(({ folder }) => folder))("%s says in the first line of its README what it is", (folder) => {
  const readme = documents.find(({ path }) => path === `${folder}/README.md`)
  const [title, , sentence] = readme?.text.split("\n") ?? []
  expect(title).toMatch(/^# \S/)
  expect(sentence).toMatch(/^\S.{20,}/)
})
