// `pnpm bench NAME [--json] [args]` runs the benches of that name: a bench file's (`transport`), or a room's, which stands
// for all of its benches (`core`). `pnpm bench` alone lists them. Arguments go to the bench; `--json` is understood by all of
// them and prints one JSON line a measure. Benches run one after the other, since two at once would measure each other.
import { spawnSync } from "node:child_process"
import { existsSync, readdirSync } from "node:fs"
import { join, relative } from "node:path"
import process from "node:process"
import { fileURLToPath } from "node:url"

const root = fileURLToPath(new URL("..", import.meta.url))
const ending = ".bench.ts"

const benches = ["packages", "apps"].flatMap((group) =>
  readdirSync(join(root, group)).flatMap((room) => {
    const folder = join(root, group, room, "bench")
    if (!existsSync(folder)) return []
    return readdirSync(folder)
      .filter((file) => file.endsWith(ending))
      .map((file) => ({ room, name: file.slice(0, -ending.length), file: join(folder, file) }))
  })
)

const main = ([name, ...args]) => {
  if (name === undefined || name.startsWith("-")) {
    for (const { room, name, file } of benches)
      console.log(`${name.padEnd(12)} ${room.padEnd(12)} ${relative(root, file)}`)
    return name === undefined || name === "--help" ? 0 : 2
  }
  const chosen = benches.filter((bench) => bench.name === name || bench.room === name)
  if (chosen.length === 0) {
    const names = new Set(benches.flatMap((bench) => [bench.name, bench.room]))
    console.error(`unknown bench "${name}"; known: ${[...names].join(", ")}`)
    return 2
  }
  let worst = 0
  for (const { file } of chosen) {
    const { status } = spawnSync(process.execPath, [file, ...args], { cwd: root, stdio: "inherit" })
    worst = Math.max(worst, status ?? 1)
  }
  return worst
}

process.exitCode = main(process.argv.slice(2))
